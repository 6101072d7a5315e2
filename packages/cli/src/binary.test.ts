// Runs the built binary with real signals, as users do. Needs `npm run build`.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, test } from 'vitest';

const BINARY = fileURLToPath(new URL('../bin/laneway.mjs', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'laneway-binary-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

writeFileSync(
  join(folder, 'web.mjs'),
  `import { createServer } from 'node:http';
   if (process.env.STUBBORN) process.on('SIGTERM', () => {});
   if (process.env.GRACEFUL) process.on('SIGTERM', () => setTimeout(() => { console.log('finished in order'); process.exit(); }, 100));
   createServer((request, response) => response.end('hello')).listen(process.env.PORT, '127.0.0.1', () => console.log('pid', process.pid));`,
);
writeFileSync(
  join(folder, 'mesh.yaml'),
  `baseline: v1
lane: { header: x-lane }
gateway: { port: 0, service: web }
services: { web: { versions: { v1: { run: exec node web.mjs } } } }
`,
);

interface Running {
  readonly child: ChildProcess;
  readonly output: { out: string; err: string };
  /** Resolves with the exit code and the signal. */
  readonly closed: Promise<unknown[]>;
  /** Waits until the output matches. */
  printed(pattern: RegExp): Promise<RegExpExecArray>;
}

function start(args: readonly string[], env: Record<string, string> = {}): Running {
  const child = spawn(process.execPath, [BINARY, ...args], { cwd: folder, env: { ...process.env, ...env } });
  const output = { out: '', err: '' };
  child.stdout.on('data', (chunk) => (output.out += chunk));
  child.stderr.on('data', (chunk) => (output.err += chunk));
  const closed = once(child, 'close');
  const printed = async (pattern: RegExp): Promise<RegExpExecArray> => {
    for (;;) {
      const found = pattern.exec(output.out);
      if (found !== null) return found;
      await once(child.stdout, 'data');
    }
  };
  return { child, output, closed, printed };
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

for (const [signal, code] of [
  ['SIGINT', 130],
  ['SIGTERM', 143],
  ['SIGHUP', 129],
] as const) {
  test(`${signal} ends everything and exits with ${code}`, async () => {
    const { child, output, closed, printed } = start(['up', 'mesh.yaml']);
    const [, url = ''] = await printed(/gateway +(http\S+)\n[^]*\n\n/);
    const pid = Number((await printed(/pid (\d+)/))[1]);
    expect(await (await fetch(url)).text()).toBe('hello');
    child.kill(signal);
    expect(await closed).toEqual([code, null]);
    expect(output.err).toBe('');
    expect(isRunning(pid)).toBe(false);
  });
}

test('a Ctrl-C that npm delivers twice still ends the workloads with SIGTERM', async () => {
  const { child, closed, printed } = start(['up', 'mesh.yaml'], { GRACEFUL: '1' });
  await printed(/The mesh is up/);
  child.kill('SIGINT');
  await printed(/Ctrl-C again/);
  child.kill('SIGINT');
  await printed(/finished in order/);
  expect(await closed).toEqual([130, null]);
});

test('a second Ctrl-C ends a workload that ignores the first', async () => {
  const { child, closed, printed } = start(['up', 'mesh.yaml'], { STUBBORN: '1' });
  const pid = Number((await printed(/pid (\d+)/))[1]);
  await printed(/The mesh is up/);
  const asked = Date.now();
  child.kill('SIGINT');
  await printed(/Ctrl-C again/);
  await setTimeout(600);
  child.kill('SIGINT');
  expect(await closed).toEqual([130, null]);
  expect(Date.now() - asked).toBeLessThan(2500); // the grace period is longer
  while (isRunning(pid)) await setTimeout(20);
});

test('Ctrl-C ends the command while it starts', async () => {
  writeFileSync(
    join(folder, 'slow.yaml'),
    'baseline: v1\nlane: { header: a }\ngateway: { port: 0, service: w }\nservices: { w: { versions: { v1: { run: "echo pid $$; exec sleep 60" } } } }\n',
  );
  const { child, closed, printed } = start(['up', 'slow.yaml']);
  const pid = Number((await printed(/pid (\d+)/))[1]);
  child.kill('SIGINT');
  expect(await closed).toEqual([130, null]);
  expect(isRunning(pid)).toBe(false);
});

test('an error prints one message without a stack and exits with 1', async () => {
  const { output, closed } = start(['up', 'nowhere.yaml']);
  expect(await closed).toEqual([1, null]);
  expect(output.err).toBe(
    'laneway: Cannot read nowhere.yaml: there is no such file. Pass the path of a mesh file.\n',
  );
});

test('help and wrong usage', async () => {
  const help = start(['--help']);
  expect(await help.closed).toEqual([0, null]);
  expect(help.output.out).toMatch(/up \[options\] <file>/);
  const wrong = start(['sideways']);
  expect(await wrong.closed).toEqual([1, null]);
  expect(wrong.output.err).toMatch(/unknown command 'sideways'/);
});

test('--version prints the version of the package', async () => {
  const { output, closed } = start(['--version']);
  expect(await closed).toEqual([0, null]);
  const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
    version: string;
  };
  expect(output.out).toBe(`${version}\n`);
});

test('conformance exits with 2 when there is no verdict', async () => {
  const { output, closed } = start(['conformance', 'nonsense']);
  expect(await closed).toEqual([2, null]);
  expect(output.err).toMatch(/^laneway: "nonsense" is not an http or https URL\. Pass .*\n$/);
});

test('Ctrl-C ends a check that waits for a service', async () => {
  const server = createServer(() => child.kill('SIGINT')).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const { child, output, closed } = start(['conformance', `http://127.0.0.1:${port}/`]);
  expect(await closed).toEqual([130, null]);
  expect(output.err).toBe('');
  server.close();
});
