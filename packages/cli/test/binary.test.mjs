// The real binary, real signals. It needs a build, so it is no part of `npm test`: npm run test:binary -w @laneway/cli
/* eslint-disable typescript/no-floating-promises -- node:test waits for its tests itself */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const BINARY = fileURLToPath(new URL('../bin/laneway.mjs', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'laneway-binary-'));
after(() => rmSync(folder, { recursive: true, force: true }));

writeFileSync(
  join(folder, 'web.mjs'),
  `import { createServer } from 'node:http';
   if (process.env.STUBBORN) process.on('SIGTERM', () => {});
   if (process.env.GRACEFUL) process.on('SIGTERM', () => setTimeout(() => { console.log('finished in order'); process.exit(); }, 100));
   createServer((request, response) => response.end('hello')).listen(process.env.PORT, () => console.log('pid', process.pid));`,
);
writeFileSync(
  join(folder, 'mesh.yaml'),
  `baseline: v1
lane: { header: x-lane }
gateway: { port: 0, service: web }
services: { web: { versions: { v1: { run: exec node web.mjs } } } }
`,
);

function start(args, env = {}) {
  const child = spawn(process.execPath, [BINARY, ...args], { cwd: folder, env: { ...process.env, ...env } });
  const output = { out: '', err: '' };
  child.stdout.on('data', (chunk) => (output.out += chunk));
  child.stderr.on('data', (chunk) => (output.err += chunk));
  const closed = once(child, 'close');
  const printed = async (pattern) => {
    while (!pattern.test(output.out)) await once(child.stdout, 'data');
    return pattern.exec(output.out);
  };
  return { child, output, closed, printed };
}

function isRunning(pid) {
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
]) {
  test(`${signal} ends everything and exits with ${code}`, async () => {
    const { child, output, closed, printed } = start(['up', 'mesh.yaml']);
    const url = (await printed(/gateway +(http\S+)\n[^]*\n\n/))[1];
    const pid = Number((await printed(/pid (\d+)/))[1]);
    assert.equal(await (await fetch(url)).text(), 'hello');
    child.kill(signal);
    assert.deepEqual(await closed, [code, null]);
    assert.equal(output.err, '');
    assert.equal(isRunning(pid), false);
  });
}

test('one Ctrl-C that arrives twice, as under npm, still ends in order', async () => {
  const { child, closed, printed } = start(['up', 'mesh.yaml'], { GRACEFUL: '1' });
  await printed(/The mesh is up/);
  child.kill('SIGINT');
  await printed(/Ctrl-C again/);
  child.kill('SIGINT');
  await printed(/finished in order/);
  assert.deepEqual(await closed, [130, null]);
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
  assert.deepEqual(await closed, [130, null]);
  assert.ok(Date.now() - asked < 2500, 'it waited for the grace period');
  while (isRunning(pid)) await setTimeout(20);
});

test('Ctrl-C while it starts ends it too', async () => {
  writeFileSync(
    join(folder, 'slow.yaml'),
    'baseline: v1\nlane: { header: a }\ngateway: { port: 0, service: w }\nservices: { w: { versions: { v1: { run: "echo pid $$; exec sleep 60" } } } }\n',
  );
  const { child, closed, printed } = start(['up', 'slow.yaml']);
  const pid = Number((await printed(/pid (\d+)/))[1]);
  child.kill('SIGINT');
  assert.deepEqual(await closed, [130, null]);
  assert.equal(isRunning(pid), false);
});

test('an error is one message without a stack, and exit code 1', async () => {
  const { output, closed } = start(['up', 'nowhere.yaml']);
  assert.deepEqual(await closed, [1, null]);
  assert.equal(
    output.err,
    'laneway: Cannot read nowhere.yaml: there is no such file. Give the path of a mesh file.\n',
  );
});

test('help and wrong use', async () => {
  const help = start(['--help']);
  assert.deepEqual(await help.closed, [0, null]);
  assert.match(help.output.out, /up \[options\] <file>/);
  const wrong = start(['sideways']);
  assert.deepEqual(await wrong.closed, [1, null]);
  assert.match(wrong.output.err, /unknown command 'sideways'/);
});
