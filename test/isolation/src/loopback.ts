import { once } from 'node:events';
import type { AddressInfo, LookupFunction, Server } from 'node:net';

// Copies of @laneway/testing, which would import vitest here.

/** Listens on a free loopback port and returns it. */
export async function listen(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

/** Resolves every name to loopback. */
export const loopbackLookup: LookupFunction = (_hostname, options, callback) => {
  if (options.all) callback(null, [{ address: '127.0.0.1', family: 4 }]);
  else callback(null, '127.0.0.1', 4);
};

/** Waits for one turn of the event loop, in one of four ways by `seed`, so that callers use every kind of continuation. */
export async function takeTurn(seed: number): Promise<void> {
  const kind = seed % 4;
  if (kind === 0) await Promise.resolve();
  else if (kind === 1) await new Promise((done) => void setImmediate(done));
  else if (kind === 2) await new Promise<void>((done) => process.nextTick(done));
  else await new Promise((done) => void setTimeout(done, seed % 3));
}
