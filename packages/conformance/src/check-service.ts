import { areExact } from './exactness.js';
import { selectCases } from './cases.js';
import type { ConformanceCase } from './cases/case.js';
import { ConformanceError } from './errors.js';
import type { Exchange, Probe } from './exchange.js';
import { type Harness, startHarness } from './harness.js';
import { type Interleaved, sendInterleaved } from './interleaving.js';
import { type CaseResult, type Problem, type Report, SPECIFICATION } from './report.js';
import { tallyExact, tallyLevels } from './tally.js';

/** Options of `checkService`. */
export interface CheckOptions {
  /** The names of the cases to run. @default every case */
  readonly only?: readonly string[] | undefined;
  /** The time limit of one request, including its calls, in milliseconds. @default 5000 */
  readonly timeoutMs?: number | undefined;
  /** The port that the service calls back; 0 picks a free port. @default 0 */
  readonly port?: number | undefined;
  /**
   * The host that the service calls back. For a name, or an address of another machine, the harness listens on every interface.
   * @default '127.0.0.1'
   */
  readonly callbackHost?: string | undefined;
  /** Ends the run. */
  readonly signal?: AbortSignal | undefined;
  /** Called with the result of each case when it is known. */
  readonly onResult?: ((result: CaseResult) => void) | undefined;
}

/**
 * Checks whether a service propagates W3C Baggage, and returns the report. The service must follow the contract in the README.
 *
 * @throws {ConformanceError} when no verdict is possible: the service cannot be reached or does not follow the contract
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
    note: isSerial ? `the service handled at most ${most} of ${probes.length} requests at once` : undefined,
    exchanges: exchanges.map(({ sent, status, calls }) => ({ sent, status: status ?? null, arrived: calls })),
  };
}

async function sendInTurn(harness: Harness, probes: readonly Probe[]): Promise<Interleaved> {
  const exchanges: Exchange[] = [];
  for (const probe of probes) exchanges.push(await harness.send(probe));
  return { exchanges, most: 1 };
}

/** Sends one request without baggage first, so that a wrong address is not reported as a service that fails every case. */
async function checkContract(harness: Harness, url: URL): Promise<void> {
  const { failure, calls, status } = await harness.send({ lines: [], calls: 1 });
  if (failure === undefined) return;
  const remedy =
    status === undefined
      ? 'Start the service and pass the URL of its endpoint.'
      : calls.length > 0
        ? 'It must answer with a status from 200 to 299 after its calls.'
        : `It must POST to each url of the JSON list in the request body, here one at ${harness.callbackUrl}. ` +
          'For a service in a container, pass the name of this machine as --callback-host.';
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
    `${JSON.stringify(service)} is not an http or https URL. Pass the URL of the service's endpoint, such as http://127.0.0.1:8080/`,
  );
}
