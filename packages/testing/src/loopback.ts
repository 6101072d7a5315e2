import type { LookupFunction } from 'node:net';
import type { AddressInfo, Server } from 'node:net';
import { once } from 'node:events';

/**
 * Listens on a free loopback port.
 *
 * @returns the port
 */
export async function listen(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

/** Closes a server and, for http, the connections that idle clients keep open. */
export async function close(server: Server & { closeAllConnections?: () => void }): Promise<void> {
  if (!server.listening) return;
  const closed = once(server, 'close');
  server.close();
  server.closeAllConnections?.();
  await closed;
}

/**
 * Resolves every name to loopback: for tests that call a stranger's name without leaving the machine. Hand it to the client as
 * its `lookup`.
 */
export const loopbackLookup: LookupFunction = (_hostname, options, callback) => {
  const address = { address: '127.0.0.1', family: 4 };
  if (options.all) callback(null, [address]);
  else callback(null, address.address, address.family);
};
