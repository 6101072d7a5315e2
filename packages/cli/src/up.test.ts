import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CommanderError } from 'commander';
import { MeshError } from '@laneway/mesh';
import { expect, it, onTestFinished } from 'vitest';
import { createProgram } from './program.js';

const MESH = `
baseline: v1
lane: { header: x-lane }
gateway: { port: 70000, service: web }
services:
  web: { versions: { v1: { run: exec node web.mjs } } }
`;
const WEB = `
import { createServer } from 'node:http';
createServer((request, response) => response.end('hello')).listen(process.env.PORT, '127.0.0.1');
`;

interface Run {
  readonly done: Promise<unknown>;
  readonly stop: AbortController;
  /** Resolves with the whole output when it matches. */
  readonly printed: (pattern: RegExp) => Promise<string>;
  readonly error: () => string;
}

function writeMesh(yaml: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'laneway-cli-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  writeFileSync(join(folder, 'web.mjs'), WEB);
  writeFileSync(join(folder, 'mesh.yaml'), yaml);
  return join(folder, 'mesh.yaml');
}

function run(...args: string[]): Run {
  const stop = new AbortController();
  let out = '';
  let err = '';
  const waiting = new Set<() => void>();
  const terminal = {
    out: {
      write(text: string) {
        out += text;
        for (const look of waiting) look();
      },
    },
    err: { write: (text: string) => (err += text) },
    signal: stop.signal,
  };
  const done = createProgram(terminal).parseAsync(args, { from: 'user' });
  const printed = (pattern: RegExp): Promise<string> =>
    new Promise((resolve) => {
      const look = (): void => {
        if (pattern.test(out)) resolve(out);
      };
      waiting.add(look);
      look();
    });
  return { done, stop, printed, error: () => err };
}

it('runs a mesh until the signal aborts', async () => {
  const { done, stop, printed } = run('up', writeMesh(MESH.replace('70000', '0')), '--mode', 'strict');
  const out = await printed(
    /The mesh is up, strict\. Press Ctrl-C to stop it\.\n {2}gateway {2}http.*\n {2}web {6}http/,
  );
  const url = /gateway +(\S+)/.exec(out)![1]!;
  expect(await (await fetch(`${url}/path?query`)).text()).toBe('hello');
  await printed(/gateway {3}GET \/path {2}no lane {2}-> web v1 \(baseline\)\n/);
  expect((await fetch(url, { headers: { 'x-lane': 'v2' } })).status).toBe(503);
  await printed(/lane v2 {2}-> web 503 web has no workload in lane "v2"/);
  stop.abort();
  await done;
  await printed(/Stopping the mesh/);
  await expect(fetch(url)).rejects.toThrow('fetch failed');
});

it('uses the port of the command line, and prints no requests with --quiet', async () => {
  const { done, stop, printed } = run(
    'up',
    writeMesh(MESH.replace('70000', '65535')),
    '--port',
    '0',
    '--quiet',
  );
  const out = await printed(/The mesh is up, permissive\.[^]*\n\n/);
  const url = /gateway +(\S+)/.exec(out)![1]!;
  expect(url).not.toContain(':65535');
  await (await fetch(url)).text();
  stop.abort();
  await done;
  expect(await printed(/Stopping/)).not.toContain('GET');
});

it("fails with the mesh's error message", async () => {
  await expect(run('up', writeMesh(MESH)).done).rejects.toThrow(MeshError);
  await expect(run('up', 'nowhere.yaml').done).rejects.toThrow('Cannot read nowhere.yaml');
});

it.each([
  [['up'], /missing required argument 'file'/],
  [['up', 'mesh.yaml', '--mode', 'loose'], /Allowed choices are permissive, strict/],
  [['up', 'mesh.yaml', '--port', '70000'], /Write a whole number from 0 to 65535\./],
  [['down'], /unknown command 'down'/],
])('explains a wrong command line: %j', async (args, pattern) => {
  const { done, error } = run(...args);
  await expect(done).rejects.toThrow(CommanderError);
  expect(error()).toMatch(pattern);
  expect(error()).toContain('--help');
});
