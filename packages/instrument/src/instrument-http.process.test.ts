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
  readonly external: Seen;
  readonly redirected?: Seen;
  readonly sentAway?: Seen;
  readonly baseline: Seen;
  readonly wrong: unknown[];
}

const inPackage = (path: string): string => fileURLToPath(new URL(`../test/${path}`, import.meta.url));
const REGISTER = '@laneway/instrument/register';

/** The arguments of Node for each scenario of each service. */
const starts: readonly [service: string, scenario: string, execArgv: string[], otel?: true][] = [
  ['service.cjs', 'call', []],
  ['service.cjs', 'twice', []],
  ['service.cjs', 'register', ['--require', REGISTER]],
  ['service.cjs', 'otel first', [], true],
  ['service.cjs', 'otel after', [], true],
  ['service.mjs', 'call', []],
  ['service.mjs', 'register', ['--import', REGISTER]],
  ['service.mjs', 'otel first', ['--require', inPackage('otel.cjs')], true],
  ['service.mjs', 'otel after', [], true],
  ['service.mjs', 'hook', ['--import', REGISTER, '--import', inPackage('hook.mjs')], true],
];

// The service loads the build, as users do.
describe.each(starts)('%s: %s', (service, scenario, execArgv, otel) => {
  let echo: EchoServer;
  let results: Record<string, Result>;
  beforeAll(async () => {
    echo = await echoServer();
    const child = fork(inPackage(service), {
      cwd: inPackage(''),
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
    const wrapped: Seen = { version: ['v2'], baggage: ['lane=v2;p = 1,b=%41'], traces };
    const none: Seen = { ...wrapped, version: [], baggage: [] };
    expect(Object.keys(results).length).toBeGreaterThanOrEqual(18);
    for (const [client, result] of Object.entries(results)) {
      const { redirected, sentAway, wrong, ...rest } = result;
      expect([client, rest]).toEqual([client, { home: wrapped, external: none, baseline: none }]);
      if (redirected) expect([client, redirected, sentAway]).toEqual([client, wrapped, none]);
      expect([client, wrong]).toEqual([client, []]);
    }
  });
});

// On Node 20, Node's undici is loaded after the other one. If it is loaded first, all copies use its global dispatcher.
test("calls of another undici carry the lane when Node's undici sets the global dispatcher", async () => {
  const echo = await echoServer();
  const child = fork(inPackage('late-undici.cjs'), {
    cwd: inPackage(''),
    execArgv: ['--require', REGISTER],
    env: { ...process.env, PORT: String(echo.port), LANEWAY_KEY: 'version', NODE_OPTIONS: '', VITEST: '' },
  });
  const exit = once(child, 'exit');
  const [seen] = (await Promise.race([once(child, 'message'), exit])) as [unknown];
  await exit;
  await echo.close();
  expect(seen).toEqual(['v2', 'v2']);
}, 60_000);
