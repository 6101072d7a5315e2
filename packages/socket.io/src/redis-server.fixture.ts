import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A Redis server. `options` are those of `createClient`. */
export interface RedisServer {
  readonly options: { url: string } | { socket: { path: string } };
  readonly stop: () => Promise<void>;
}

const { REDIS_URL } = process.env;

/** Why the tests with Redis are skipped; `undefined` if there is one. */
export const NO_REDIS: string | undefined =
  REDIS_URL !== undefined || spawnSync('redis-server', ['--version']).status === 0
    ? undefined
    : 'skipped: no redis-server on the PATH. Install it (apt-get install redis-server) or set REDIS_URL';

/** Returns the server of `REDIS_URL`, or starts one that listens on a socket file only. */
export async function startRedis(): Promise<RedisServer> {
  if (REDIS_URL !== undefined) return { options: { url: REDIS_URL }, stop: async () => {} };
  const folder = await mkdtemp(join(tmpdir(), 'laneway-redis-'));
  const path = join(folder, 'redis.sock');
  const server = spawn(
    'redis-server',
    ['--port', '0', '--unixsocket', path, '--save', '', '--appendonly', 'no', '--dir', folder],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  await untilReady(server);
  return {
    options: { socket: { path } },
    stop: async () => {
      const exit = once(server, 'exit');
      server.kill();
      await exit;
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function untilReady(server: ChildProcess): Promise<void> {
  let output = '';
  for await (const chunk of server.stdout as AsyncIterable<Buffer>) {
    output += chunk.toString();
    if (/ready to accept connections/i.test(output)) break;
  }
  server.stdout?.resume();
}
