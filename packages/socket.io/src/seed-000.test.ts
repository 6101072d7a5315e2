import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';

const inSeed = (file: string): string => fileURLToPath(new URL(`../test/seed-000/${file}`, import.meta.url));
const require = createRequire(import.meta.url);

// The programs import these, by the names of 2023. The service loads the build of Laneway, as users do.
const MODULES: Readonly<Record<string, string>> = {
  'socket.io': folderOf('socket.io-2'),
  'socket.io-client': folderOf('socket.io-client-2'),
  uuid: folderOf('uuid-3'),
  'node-fetch': folderOf('node-fetch'),
  '@laneway/core': folderOf('@laneway/core'),
  '@laneway/fetch': folderOf('@laneway/fetch'),
  '@laneway/socket.io': fileURLToPath(new URL('..', import.meta.url)),
};

/** The changes to the printed text of wsk: the misprint, and the lines that add Laneway. */
const WSK: readonly [printed: string, written: string][] = [
  ["io.on('connection', client => {c\n", "io.on('connection', client => {\n"],
  [
    "import fetch from 'node-fetch';\n",
    `import nodeFetch from 'node-fetch';
import { defineLanes } from '@laneway/core';
import { laneFetch } from '@laneway/fetch';
import { socketIoLane } from '@laneway/socket.io';
const lanes = defineLanes({ key: 'version', carry: { headers: ['version'], baggage: ['*'] } });
const fetch = laneFetch(nodeFetch, lanes);
`,
  ],
  ["  path: '/'\n});\n", "  path: '/'\n});\nio.use(socketIoLane(lanes));\n"],
];

let programs: string;
let helloworld: Server;
const children: ChildProcess[] = [];

beforeAll(async () => {
  programs = await mkdtemp(join(tmpdir(), 'laneway-seed-'));
  for (const [name, target] of Object.entries(MODULES)) {
    const link = join(programs, 'node_modules', name);
    await mkdir(dirname(link), { recursive: true });
    await symlink(target, link, 'junction');
  }
  // The mesh routes by the header `version`, so helloworld answers with it.
  helloworld = createServer(({ headers }, response) => {
    response.end(`Hello version: ${String(headers.version ?? 'v1')}, instance: helloworld`);
  });
  await new Promise((resolve) => helloworld.listen(0, '127.0.0.1', () => resolve(undefined)));
});

afterAll(async () => {
  for (const child of children) {
    const exit = child.exitCode === null ? once(child, 'exit') : undefined;
    child.kill();
    await exit;
  }
  helloworld.close();
  await rm(programs, { recursive: true, force: true });
});

/** Starts a printed program with changes, each of which must meet the text once. */
async function start(name: string, changes: readonly [string, string][]): Promise<ChildProcess> {
  let text = await readFile(inSeed(`${name}.txt`), 'utf8');
  for (const [printed, written] of changes) {
    expect(text.split(printed)).toHaveLength(2);
    text = text.replace(printed, written);
  }
  const file = join(programs, `${name}.mjs`);
  await writeFile(file, text);
  const { port } = helloworld.address() as AddressInfo;
  const child = fork(file, {
    execArgv: ['--no-warnings', '--import', inSeed('surroundings.mjs')],
    env: { ...process.env, HELLOWORLD_PORT: String(port), NODE_OPTIONS: '', VITEST: '' },
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
  });
  children.push(child);
  return child;
}

/** The lines of a program's output until `isEnough`. */
async function readLines(child: ChildProcess, isEnough: (lines: string[]) => boolean): Promise<string[]> {
  let output = '';
  for await (const chunk of child.stdout as AsyncIterable<Buffer>) {
    output += chunk.toString();
    const lines = output.split('\n').slice(0, -1);
    if (isEnough(lines)) return lines;
  }
  throw new Error(`The program ended: ${output}`);
}

test('wsk and its client run as printed, with Laneway added to wsk', { timeout: 60_000 }, async () => {
  const wsk = await start('wsk', WSK);
  const [{ port }] = (await once(wsk, 'message')) as [{ port: number }];
  wsk.stdout?.resume();
  const client = await start('client-socket', [
    ['http://{IP address of the ASM gateway}:30080', `http://127.0.0.1:${port}`],
  ]);
  const answer = 'the server respond to your test000: ';
  const news = 'The server has a message for you: ';
  const count = (all: string[], what: string): number => all.filter((line) => line.startsWith(what)).length;
  const lines = await readLines(client, (all) => count(all, answer) >= 4 && count(all, news) >= 1);
  expect(lines[0]).toMatch(/^Connected! [0-9a-f-]{36}$/);
  expect(new Set(lines.filter((line) => line.startsWith(answer)))).toEqual(
    new Set([`${answer}Hello version: v2, instance: helloworld`]),
  );
  expect(new Set(lines.filter((line) => line.startsWith(news)))).toEqual(
    new Set([
      `${news}I am the host: 192.168.1.60. I am healty. Hello message: Hello version: v1, instance: helloworld`,
    ]),
  );
});

function folderOf(name: string): string {
  let folder = dirname(require.resolve(name));
  while (!folder.endsWith(name.split('/').at(-1) as string)) folder = dirname(folder);
  return folder;
}
