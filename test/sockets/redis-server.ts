import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { createInterface } from 'node:readline';
import { close, listen } from '@laneway/testing';

/** Starts a real Redis on a free port of loopback, without files. */
export async function startRedis(): Promise<{ readonly port: number; close(): Promise<void> }> {
  const reserved = createServer();
  const port = await listen(reserved);
  await close(reserved);
  const args = ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no'];
  const redis = spawn('redis-server', args, { stdio: ['ignore', 'pipe', 'inherit'] });
  for await (const line of createInterface(redis.stdout)) if (line.includes('Ready to accept')) break;
  redis.stdout.resume();
  return {
    port,
    async close() {
      const ended = once(redis, 'exit');
      redis.kill();
      await ended;
    },
  };
}
