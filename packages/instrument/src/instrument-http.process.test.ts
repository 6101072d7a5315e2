import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { type EchoServer, echoServer } from '@laneway/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

interface Seen {
  readonly version: string[];
  readonly baggage: string[];
  readonly traces: number;
}
interface Result {
  readonly home: Seen;
  readonly stranger: Seen;
  readonly redirected?: Seen;
  readonly sentAway?: Seen;
  readonly baseline: Seen;
  readonly wrong: unknown[];
}

const inRoom = (path: string): string => fileURLToPath(new URL(`../test/${path}`, import.meta.url));
const REGISTER = '@laneway/instrument/register';

/** How the process is started, for each scenario of each service. */
const starts: readonly [service: string, scenario: string, execArgv: string[], otel?: true][] = [
  ['service.cjs', 'call', []],
  ['service.cjs', 'twice', []],
  ['service.cjs', 'register', ['--require', REGISTER]],
  ['service.cjs', 'otel first', [], true],
  ['service.cjs', 'otel after', [], true],
  ['service.mjs', 'call', []],
  ['service.mjs', 'register', ['--import', REGISTER]],
  ['service.mjs', 'otel first', ['--require', inRoom('otel.cjs')], true],
  ['service.mjs', 'otel after', [], true],
  ['service.mjs', 'hook', ['--import', REGISTER, '--import', inRoom('hook.mjs')], true],
];

// The service loads the build, as its users do.
describe.each(starts)('%s: %s', (service, scenario, execArgv, otel) => {
  let echo: EchoServer;
  let results: Record<string, Result>;
  beforeAll(async () => {
    echo = await echoServer();
    const child = fork(inRoom(service), {
      cwd: inRoom(''),
      execArgv: ['--no-warnings', ...execArgv],
      env: {
        ...process.env,
        SCENARIO: scenario,
        PORT: String(echo.port),
        LANEWAY_KEY: 'version',
        NODE_OPTIONS: '',
        VITEST: '',
      },
    });
    const exit = once(child, 'exit');
    const [message] = (await Promise.race([once(child, 'message'), exit])) as [Record<string, Result>];
    results = message;
    await exit;
  }, 60_000);
  afterAll(() => echo.close());

  test('every client, every hop, every lane', () => {
    // OpenTelemetry does not reach what a module has imported by name before it.
    const traces =
      scenario === 'otel after' && service === 'service.mjs' ? (expect.any(Number) as number) : otel ? 1 : 0;
    const laned: Seen = { version: ['v2'], baggage: ['lane=v2;p = 1,b=%41'], traces };
    const none: Seen = { ...laned, version: [], baggage: [] };
    expect(Object.keys(results).length).toBeGreaterThanOrEqual(18);
    for (const [client, result] of Object.entries(results)) {
      const { redirected, sentAway, wrong, ...rest } = result;
      expect([client, rest]).toEqual([client, { home: laned, stranger: none, baseline: none }]);
      if (redirected) expect([client, redirected, sentAway]).toEqual([client, laned, none]);
      expect([client, wrong]).toEqual([client, []]);
    }
  });
});

// On Node 20, Node's own undici is not loaded before; where it is loaded first, its global dispatcher is that of all copies.
test("Node's undici that somebody else loads carries the lane of an undici without a dispatcher", async () => {
  const echo = await echoServer();
  const child = fork(inRoom('late-undici.cjs'), {
    cwd: inRoom(''),
    execArgv: ['--require', REGISTER],
    env: { ...process.env, PORT: String(echo.port), LANEWAY_KEY: 'version', NODE_OPTIONS: '', VITEST: '' },
  });
  const exit = once(child, 'exit');
  const [seen] = (await Promise.race([once(child, 'message'), exit])) as [unknown];
  await exit;
  await echo.close();
  expect(seen).toEqual(['v2', 'v2']);
}, 60_000);
