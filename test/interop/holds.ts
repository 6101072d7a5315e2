import type { SdkInstall } from './sdk-install.js';
import {
  type Answer,
  linesOf,
  type Service,
  type ServiceOptions,
  startService,
  tracesOf,
  type Wiring,
} from './service.js';

// What holds for calls of clients that Laneway does not wrap.

const BAGGAGE = 'user=%41lice;p = 1 , lane=v2';
const LANE = { version: 'v2', baggage: BAGGAGE };
const clients = ['fetch', 'undici', 'node-fetch', 'http', 'axios'];

/** The clients that something was tried with, and those for which it does not hold. */
interface Finding {
  readonly tried: Set<string>;
  readonly failing: Set<string>;
}

/** The findings by their row in the table. */
export type Findings = ReadonlyMap<string, Finding>;

/** Finds out what holds for a wiring, with Laneway's instrumentation first and last. */
export async function findWhatHolds(install: SdkInstall, wiring: Wiring): Promise<Findings> {
  const findings = new Map<string, Finding>();
  for (const order of ['lane first', 'lane last'] as const) {
    const options: ServiceOptions = { install, wiring, order, scenario: 'sdk first', clients: 'plain' };
    const service = await startService(options);
    try {
      await tryService(service, (what, client, holds) => {
        const finding = findings.get(what) ?? { tried: new Set(), failing: new Set() };
        findings.set(what, finding);
        finding.tried.add(client);
        if (!holds) finding.failing.add(client);
      });
    } finally {
      await service.stop();
    }
  }
  return findings;
}

async function tryService(
  service: Service,
  note: (what: string, client: string, holds: boolean) => void,
): Promise<void> {
  const redirect = `${service.echo.url}/redirect?to=${encodeURIComponent(service.external)}`;
  for (const client of clients) {
    const ask = (question: object = {}): Promise<Answer> => service.ask({ client, ...question }, LANE);
    const lane = await ask();
    note('carry the trace', client, tracesOf(lane) === 1);
    note("carry the lane's named headers", client, version(lane) === 'v2');
    note("carry the lane's baggage, byte for byte", client, baggage(lane) === BAGGAGE);
    const merged = await ask({ header: 'own=1' });
    note('keep a `Baggage` header of the caller', client, baggage(merged).startsWith('own=1'));
    note('... and merge the lane into it', client, baggage(merged) === 'own=1,user=%41lice;p = 1,lane=v2');
    note('send no lane to external hosts', client, isWithoutLane(await ask({ to: service.external })));
    // `http` follows no redirects.
    if (client !== 'http')
      note('... also after a redirect', client, isWithoutLane(await ask({ to: redirect })));
  }
  note("never carry another call's lane, also from a queue", 'undici', await areQueuedCallsRight(service));
}

const baggage = (answer: Answer): string => linesOf(answer)[0].join(' | ');
const version = (answer: Answer): string => linesOf(answer)[1].join(' | ');
const isWithoutLane = (answer: Answer): boolean => version(answer) + baggage(answer) === '';

/** Whether each of 50 lanes that wait for one connection is sent with its own call, or not at all. */
async function areQueuedCallsRight(service: Service): Promise<boolean> {
  const to = `${service.echo.url}/slow?ms=2`;
  const calls = Array.from({ length: 50 }, async (_, index) => {
    const name = `v${index}`;
    const headers = { version: name, baggage: `lane=${name}` };
    return ['', `lane=${name}`].includes(baggage(await service.ask({ client: 'undici queue', to }, headers)));
  });
  return (await Promise.all(calls)).every(Boolean);
}

/** Formats the findings of each wiring as the columns of a Markdown table. */
export function formatTable(columns: ReadonlyMap<string, Findings>): string {
  const row = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  const [first] = columns.values();
  const questions = [...(first?.keys() ?? [])];
  return [
    row(['calls of plain clients', ...columns.keys()]),
    row(['---', ...[...columns.keys()].map(() => '---')]),
    ...questions.map((what) =>
      row([what, ...[...columns.values()].map((findings) => formatCell(findings.get(what)))]),
    ),
  ].join('\n');
}

function formatCell(finding: Finding | undefined): string {
  const { tried, failing } = finding ?? { tried: new Set(), failing: new Set() };
  if (failing.size === 0) return 'yes';
  return failing.size === tried.size ? '**no**' : `not ${[...failing].join(', ')}`;
}
