// Runs the services of the README unchanged.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { checkService } from './index.js';
import { startService } from './service-process.fixture.js';

const README = readFileSync(new URL('../README.md', import.meta.url), 'utf8');

/** Returns the first code block of a language, changed to listen on a free port and print it. */
function example(language: string, listen: readonly [from: string, to: string]): string {
  const [, block = ''] = new RegExp(`\`\`\`${language}\\n(.*?)\`\`\``, 's').exec(README) ?? [];
  expect(block).toContain(listen[0]);
  expect(block.trim().split('\n').length).toBeLessThanOrEqual(18);
  return block.replace(...listen);
}

async function check(command: string, name: string, text: string): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'laneway-readme-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  writeFileSync(join(folder, name), text);
  const service = await startService(command, [join(folder, name)]);
  onTestFinished(() => service.stop());
  const { cases, exact } = await checkService(`${service.url}/`);
  expect(cases.filter(({ verdict }) => verdict === 'fail')).toEqual([]);
  expect(exact.failed).toBe(0);
}

test('the service in Node passes', async () => {
  const text = example('js', [
    "server.listen(8080, '127.0.0.1');",
    "server.listen(0, '127.0.0.1', () => console.log(server.address().port));",
  ]);
  await check(process.execPath, 'service.mjs', text);
});

const hasPython = spawnSync('python3', ['--version']).status === 0;

test.skipIf(!hasPython)('the service in Python passes (skipped where there is no python3)', async () => {
  const text = example('python', [
    "ThreadingHTTPServer(('127.0.0.1', 8080), Service).serve_forever()",
    "Service.log_message = lambda *_: None\nserver = ThreadingHTTPServer(('127.0.0.1', 0), Service)\n" +
      'print(server.server_port, flush=True)\nserver.serve_forever()',
  ]);
  await check('python3', 'service.py', text);
});

test('the README names every option', () => {
  for (const option of ['--only', '--list', '--json', '--strict', '--timeout', '--port', '--callback-host'])
    expect(README).toContain(`\`${option}`);
});
