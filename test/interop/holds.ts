import { headerLines } from '@laneway/testing';
import type { SdkRoom } from './sdk-room.js';
import { type Answer, type Service, type ServiceOptions, startService, type Wiring } from './service.js';

// What holds for the calls that nobody wrapped, which OpenTelemetry's instrumentations see.

const BAGGAGE = 'user=%41lice;p = 1 , lane=v2';
const LANE = { version: 'v2', baggage: BAGGAGE };
const clients = ['fetch', 'undici', 'node-fetch', 'http', 'axios'];

/** The clients that something was tried with, and those that it does not hold for. */
interface Finding {
  readonly tried: Set<string>;
  readonly failing: Set<string>;
}

/** What was asked of a service, and what was found. */
export type Findings = ReadonlyMap<string, Finding>;

/** Finds out what holds for a wiring, wherever Laneway's instrumentation stands among the others. */
export async function findWhatHolds(room: SdkRoom, wiring: Wiring): Promise<Findings> {
  const findings = new Map<string, Finding>();
  for (const order of ['lane first', 'lane last'] as const) {
    const options: ServiceOptions = { room, wiring, order, scenario: 'sdk first', clients: 'plain' };
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
  const stranger = `http://stranger.example:${service.echo.port}/`;
  const redirect = `${service.echo.url}/redirect?to=${encodeURIComponent(stranger)}`;
  for (const client of clients) {
    const ask = (question: object = {}): Promise<Answer> => service.ask({ client, ...question }, LANE);
    const lane = await ask();
    note("the lane's named headers arrive", client, lines(lane, 'version') === 'v2');
    note('its baggage arrives', client, lines(lane, 'baggage').includes('lane=v2'));
    note('byte for byte', client, lines(lane, 'baggage') === BAGGAGE);
    const own = await ask({ header: 'own=1' });
    note(
      'a `Baggage` header of the caller stays, merged into one',
      client,
      lines(own, 'baggage') === 'own=1,user=%41lice;p = 1,lane=v2',
    );
    note('a stranger is told nothing', client, isUntold(await ask({ to: stranger })));
    // `http` follows no redirects.
    if (client !== 'http') note('nor by a redirect', client, isUntold(await ask({ to: redirect })));
  }
  note("a queued call is in no other call's lane", 'undici', await areQueuedCallsRight(service));
}

const lines = ({ echoed }: Answer, name: string): string => headerLines(echoed, name).join(' | ');
const isUntold = (answer: Answer): boolean => lines(answer, 'version') + lines(answer, 'baggage') === '';

/** 50 lanes that wait for one connection; a call without a lane is in no other's. */
async function areQueuedCallsRight(service: Service): Promise<boolean> {
  const to = `${service.echo.url}/slow?ms=2`;
  const calls = Array.from({ length: 50 }, async (_, index) => {
    const name = `v${index}`;
    const answer = await service.ask({ client: 'queue', to }, { version: name, baggage: `lane=${name}` });
    const baggage = lines(answer, 'baggage');
    return baggage === '' || baggage === `lane=${name}`;
  });
  return (await Promise.all(calls)).every(Boolean);
}

/** A table of what holds, as Markdown: a column for each wiring. */
export function formatTable(columns: ReadonlyMap<string, Findings>): string {
  const row = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  const [first] = columns.values();
  const questions = [...(first?.keys() ?? [])];
  return [
    row(['what is sent unwrapped', ...columns.keys()]),
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
