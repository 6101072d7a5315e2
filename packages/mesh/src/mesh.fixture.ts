import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { request, type Agent, type IncomingHttpHeaders, type IncomingMessage } from 'node:http';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';
import { onTestFinished } from 'vitest';
import { loadMesh, startMesh, type Mesh, type MeshLog, type MeshOptions, type MeshServe } from './index.js';

const WS = createRequire(import.meta.url).resolve('ws');

/** A service that reports the headers it received, and calls another service with the lane headers copied by hand. */
const SERVICE = `
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
const { WebSocketServer } = createRequire(import.meta.url)(${JSON.stringify(WS)});
const { PORT, SERVICE, VERSION } = process.env;
if (process.env.STUBBORN) process.on('SIGTERM', () => console.log('ignored'));
const server = createServer(async (request, response) => {
  const { pathname } = new URL(request.url, 'http://localhost');
  const peer = request.socket.remotePort;
  if (pathname === '/exit') process.exit(3);
  if (pathname === '/cut') return void response.write('half', () => request.socket.destroy());
  if (pathname === '/hang') {
    console.log('hang opened');
    return void response.once('close', () => console.log('hang closed'));
  }
  if (pathname === '/echo') return void request.pipe(response);
  if (pathname === '/call') {
    const { baggage, 'x-lane': lane } = request.headers;
    const headers = { ...(baggage && { baggage }), ...(lane && { 'x-lane': lane }) };
    const answer = await fetch(process.env.BACK_URL, { headers });
    return void response.end(SERVICE + ' ' + VERSION + ', ' + (await answer.text()));
  }
  if (pathname === '/headers') return void response.end(JSON.stringify({ ...request.headers, peer }));
  response.end(SERVICE + ' ' + VERSION);
});
const sockets = new WebSocketServer({ server });
sockets.on('connection', (socket) => {
  socket.send(SERVICE + ' ' + VERSION);
  socket.on('message', (data) => (String(data) === 'drop' ? socket.terminate() : socket.send(String(data))));
  socket.on('close', () => console.log('websocket closed'));
});
server.listen(PORT, '127.0.0.1', () => console.log('listening', process.pid));
`;

export const TWO_SERVICES = `
baseline: v1
lane: { baggage: version }
gateway: { port: 0, service: front, rules: [{ header: version }] }
services:
  front: { versions: { v1: { run: exec node service.mjs } } }
  back:
    versions:
      v1: { run: exec node service.mjs }
      v2: { run: exec node service.mjs }
`;

/** Writes the service and a mesh file to a temporary folder. Returns the path of the mesh file. */
export function writeMesh(yaml: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'laneway-mesh-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  writeFileSync(join(folder, 'service.mjs'), SERVICE);
  writeFileSync(join(folder, 'mesh.yaml'), yaml);
  return join(folder, 'mesh.yaml');
}

/** A mesh under test, with the reported requests and log lines. */
export interface TestMesh {
  readonly mesh: Mesh;
  readonly serves: MeshServe[];
  readonly logs: MeshLog[];
  /** Resolves when a log line matches, including an earlier one. */
  readonly logged: (pattern: RegExp) => Promise<MeshLog>;
}

/** Starts a mesh and closes it when the test ends. */
export async function openMesh(yaml: string, options: MeshOptions = {}): Promise<TestMesh> {
  const serves: MeshServe[] = [];
  const logs: MeshLog[] = [];
  const waiting = new Set<() => void>();
  const mesh = await startMesh(loadMesh(writeMesh(yaml)), {
    onServe: (serve) => serves.push(serve),
    onLog(log) {
      logs.push(log);
      for (const look of waiting) look();
    },
    ...options,
  });
  onTestFinished(() => mesh.close());
  const logged = (pattern: RegExp): Promise<MeshLog> =>
    new Promise((resolve) => {
      const look = (): void => {
        const found = logs.find(({ text: line }) => pattern.test(line));
        if (!found) return;
        waiting.delete(look);
        resolve(found);
      };
      waiting.add(look);
      look();
    });
  return { mesh, serves, logs, logged };
}

/** The answer to a request. */
export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** Sends a GET without the headers that `fetch` adds. */
export async function get(
  url: string,
  headers: Record<string, string | string[]> = {},
  agent?: Agent,
): Promise<Answer> {
  const outgoing = request(url, { headers, ...(agent && { agent }) });
  outgoing.end();
  const [response] = (await once(outgoing, 'response')) as [IncomingMessage];
  const body = await text(response).catch((error: unknown) => `broken off: ${String(error)}`);
  return { status: response.statusCode ?? 0, headers: response.headers, body };
}

/** Returns whether a process is running. A zombie process is not. */
export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return !existsSync('/proc/self/stat') || !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'latin1'));
  } catch {
    return false;
  }
}

/** Waits until a process that is not a child of this one has ended. */
export async function untilGone(pid: number): Promise<boolean> {
  for (let attempt = 0; attempt < 100 && isRunning(pid); attempt++) {
    // eslint-disable-next-line no-await-in-loop -- there is no event for the end of another process's child
    await delay(20);
  }
  return !isRunning(pid);
}
