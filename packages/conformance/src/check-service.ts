import { areExact } from './exactness.js';
import { selectCases } from './cases.js';
import type { ConformanceCase } from './cases/case.js';
import { ConformanceError } from './errors.js';
import type { Exchange, Probe } from './exchange.js';
import { type Harness, startHarness } from './harness.js';
import { type Interleaved, sendInterleaved } from './interleaving.js';
import { type CaseResult, type Problem, type Report, SPECIFICATION } from './report.js';
import { tallyExact, tallyLevels } from './tally.js';

/** How a service is checked. */
export interface CheckOptions {
  /** Names of cases, in place of all. */
  readonly only?: readonly string[] | undefined;
  /** How long one request may take, its calls included. @default 5000 */
  readonly timeoutMs?: number | undefined;
  /** The port that the service calls back. @default 0, any free one */
  readonly port?: number | undefined;
  /**
   * The host that the service calls back. A name, or an address that is not of this machine, makes the harness listen on every
   * interface. @default '127.0.0.1'
   */
  readonly callbackHost?: string | undefined;
  /** Ends the run. */
  readonly signal?: AbortSignal | undefined;
  /** Called with each verdict as it falls. */
  readonly onResult?: ((result: CaseResult) => void) | undefined;
}

/**
 * Checks one service for W3C Baggage propagation on the wire. The service speaks the contract of the README.
 *
 * @throws {ConformanceError} when no verdict is possible: the service cannot be reached, or does not speak the contract
 * @example
 * const { conformant, cases } = await checkService('http://127.0.0.1:8080/');
 */
export async function checkService(service: string, options: CheckOptions = {}): Promise<Report> {
  const url = parseService(service);
  const cases = selectCases(options.only);
  const harness = await startHarness({
    service: url,
    timeoutMs: options.timeoutMs ?? 5000,
    host: options.callbackHost ?? '127.0.0.1',
    port: options.port ?? 0,
    signal: options.signal,
  });
  try {
    await checkContract(harness, url);
    const results: CaseResult[] = [];
    for (const one of cases) {
      const result = await runCase(harness, one);
      results.push(result);
      options.onResult?.(result);
    }
    const tallies = tallyLevels(results);
    return {
      version: 1,
      specification: SPECIFICATION,
      service: url.href,
      conformant: tallies.MUST.failed === 0,
      tallies,
      exact: tallyExact(results),
      cases: results,
    };
  } finally {
    await harness.close();
  }
}

async function runCase(harness: Harness, one: ConformanceCase): Promise<CaseResult> {
  const { id, level, clauses, title, probes, judge } = one;
  const { exchanges, most } = await (one.interleaved ? sendInterleaved : sendInTurn)(harness, probes);
  const problems = exchanges.flatMap((exchange, index): Problem[] => {
    const whys = exchange.failure === undefined ? judge(exchange, exchanges) : [exchange.failure];
    return whys.map((why) => ({ exchange: index, why }));
  });
  const isSerial = one.interleaved && most < probes.length;
  return {
    id,
    level,
    clauses,
    title,
    verdict: problems.length === 0 ? 'pass' : 'fail',
    problems,
    exact: areExact(exchanges),
    note: isSerial ? `the service worked on ${most} of ${probes.length} requests at once` : undefined,
    exchanges: exchanges.map(({ sent, status, calls }) => ({ sent, status: status ?? null, arrived: calls })),
  };
}

async function sendInTurn(harness: Harness, probes: readonly Probe[]): Promise<Interleaved> {
  const exchanges: Exchange[] = [];
  for (const probe of probes) exchanges.push(await harness.send(probe));
  return { exchanges, most: 1 };
}

/** One request without baggage, before anything is judged: a wrong address must not look like a service that fails every case. */
async function checkContract(harness: Harness, url: URL): Promise<void> {
  const { failure, calls, status } = await harness.send({ lines: [], calls: 1 });
  if (failure === undefined) return;
  const remedy =
    status === undefined
      ? 'Start the service, and give the URL of its endpoint.'
      : calls.length > 0
        ? 'It must answer with a success (200 to 299) after its calls.'
        : `It must POST to each url of the JSON list that it is sent, here one at ${harness.callbackUrl}. ` +
          'From a container, name this machine with --callback-host.';
  throw new ConformanceError(
    'ERR_CONFORMANCE_SERVICE',
    `Cannot check ${url.href}: without any baggage, ${failure}. ${remedy}`,
  );
}

function parseService(service: string): URL {
  const url = URL.canParse(service) ? new URL(service) : undefined;
  if (url !== undefined && /^https?:$/.test(url.protocol)) return url;
  throw new ConformanceError(
    'ERR_CONFORMANCE_USAGE',
    `${JSON.stringify(service)} is no http URL. Give the URL of the service's endpoint: http://127.0.0.1:8080/`,
  );
}
