import type { LookupFunction } from 'node:net';
import type { AddressInfo, Server } from 'node:net';
import { once } from 'node:events';

/**
 * Listens on a free loopback port and returns the port.
 */
export async function listen(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

/** Closes a server and, for http, its idle connections. */
export async function close(server: Server & { closeAllConnections?: () => void }): Promise<void> {
  if (!server.listening) return;
  const closed = once(server, 'close');
  server.close();
  server.closeAllConnections?.();
  await closed;
}

/**
 * Resolves every name to loopback, so that tests can call external hosts locally. Pass it to the client as its `lookup`.
 */
export const loopbackLookup: LookupFunction = (_hostname, options, callback) => {
  const address = { address: '127.0.0.1', family: 4 };
  if (options.all) callback(null, [address]);
  else callback(null, address.address, address.family);
};
