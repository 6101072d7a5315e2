import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CommanderError } from 'commander';
import { close, listen } from '@laneway/testing';
import { expect, it, onTestFinished } from 'vitest';
import { createProgram } from './program.js';

/** Starts a service that sends on the baggage after `change`. */
async function serve(change: (baggage: string) => string = (baggage) => baggage): Promise<string> {
  const server = createServer((request, response) => {
    void (async () => {
      let body = '';
      for await (const chunk of request) body += String(chunk);
      const baggage = request.headers['baggage'];
      const headers = typeof baggage === 'string' ? { baggage: change(baggage) } : {};
      for (const { url } of JSON.parse(body) as { url: string }[])
        await fetch(url, { method: 'POST', headers });
      response.end();
    })();
  });
  const port = await listen(server);
  onTestFinished(() => close(server));
  return `http://127.0.0.1:${port}/`;
}

async function run(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  let out = '';
  let err = '';
  const terminal = {
    out: { write: (text: string) => (out += text) },
    err: { write: (text: string) => (err += text) },
    signal: new AbortController().signal,
  };
  const code = await createProgram(terminal)
    .parseAsync(['conformance', ...args], { from: 'user' })
    .then(
      () => 0,
      (error: unknown) => (error instanceof CommanderError ? error.exitCode : Promise.reject(error as Error)),
    );
  return { code, out, err };
}

const FEW = 'member,property-flag,malformed-bare,order';

it('exits with 0 when every MUST holds, and prints a line for each case', async () => {
  const { code, out, err } = await run(await serve(), '--only', FEW);
  expect([code, err]).toEqual([0, '']);
  expect(out).toMatch(/^pass {2}MUST {4}member {2,}3\.3\.2 {2,}One member arrives$/m);
  expect(out).toMatch(/MUST 2 of 2, SHOULD 1 of 1, INFO 1 of 1, byte for byte 4 of 4\nConformant/);
});

it('exits with 1 when a MUST does not hold, and prints what was sent, what arrived, why it fails and the clause', async () => {
  const { code, out } = await run(await serve((text) => text.replaceAll(/;[^,]*/g, '')), '--only', FEW);
  expect(code).toBe(1);
  expect(out).toContain('FAIL  MUST    property-flag');
  expect(out).toMatch(
    /sent {5}baggage: user=alice;private,other=1\n +arrived {2}baggage: user=alice,other=1\n +why {6}"user=alice;private" arrived as "user=alice"\n +clause {3}https:\/\/www\.w3\.org\/TR\/2024\/CR-baggage-20240530\/#property/,
  );
  expect(out).toContain('Not conformant: a MUST does not hold.');
});

it('exits with 1 for a SHOULD only with --strict', async () => {
  const url = await serve((text) => (text.includes('garbage') ? '' : text));
  expect((await run(url, '--only', FEW)).code).toBe(0);
  expect((await run(url, '--only', FEW, '--strict')).code).toBe(1);
});

it('writes the report as JSON', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'laneway-cli-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const file = join(folder, 'report.json');
  const url = await serve();
  expect((await run(url, '--only', 'member', '--only', 'order', '--json', file)).code).toBe(0);
  expect(JSON.parse(readFileSync(file, 'utf8'))).toMatchObject({
    version: 1,
    service: url,
    conformant: true,
    cases: [{ id: 'member', verdict: 'pass' }, { id: 'order' }],
  });
  const nowhere = await run(url, '--only', 'member', '--json', join(folder, 'no', 'report.json'));
  expect(nowhere.code).toBe(2);
  expect(nowhere.err).toContain('Pass --json the path of a file in an existing folder.');
});

it('lists the cases', async () => {
  const { code, out } = await run('--list');
  expect(code).toBe(0);
  expect(out).toMatch(/^MUST {4}member {2,}3\.3\.2 {2,}One member arrives$/m);
});

it.each([
  [[], /missing required argument 'url'/],
  [['nonsense'], /"nonsense" is not an http or https URL\. Pass/],
  [['http://127.0.0.1:9/', '--only', 'nonsense'], /There is no case "nonsense"\. Use a name that --list/],
  [['http://127.0.0.1:9/', '--timeout', '0'], /Write a whole number of milliseconds/],
  [['http://127.0.0.1:9/', '--port', '70000'], /Write a whole number from 0 to 65535/],
  [['http://127.0.0.1:9/', '--loud'], /unknown option '--loud'/],
])('exits with 2 for wrong usage: %j', async (args, pattern) => {
  const { code, err } = await run(...args);
  expect(code).toBe(2);
  expect(err).toMatch(pattern);
});

it('exits with 2 when there is no such service', async () => {
  const server = createServer();
  const port = await listen(server);
  await close(server);
  const { code, err } = await run(`http://127.0.0.1:${port}/`);
  expect(code).toBe(2);
  expect(err).toContain(
    'nothing listens at its address. Start the service and pass the URL of its endpoint.',
  );
});
