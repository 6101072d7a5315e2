import { type Lanes, lanesFor, wrongArgument } from '@laneway/core';
import type { ClientOptions, ClientSocket, OpenSocket } from './client-socket.js';
import { LanePool } from './lane-pool.js';
import { LaneSocket } from './lane-socket.js';
import { type LaneSocketIoOptions, readOptions } from './options.js';

/** `io` of socket.io-client. */
// `never` fits the parameters of every version.
export type SocketIoFactory = (...args: never[]) => unknown;

/**
 * Returns an `io` whose sockets have one connection for each lane. What code emits goes over the connection of its lane, whose handshake
 * carries the lane if egress allows the server. A connection is opened on demand, shared by all callers of its lane, and closed when it is idle.
 *
 * Acknowledgements continue the code that emitted. Listeners run in the lane of the connection that received the event.
 *
 * @param io `io` of socket.io-client; it is not changed
 * @param lanes What `defineLanes` returned. @default the lanes of the process, from `LANEWAY_*`
 * @throws {LanewayAdapterError} when `io` is not a function, `lanes` is not lanes, or an option is wrong
 * @example
 * import { io as socketIo } from 'socket.io-client';
 *
 * const io = laneSocketIo(socketIo, lanes);
 * const socket = io('http://prices:3000');
 * socket.emit('watch', 'EUR');
 */
export function laneSocketIo<Io extends SocketIoFactory>(
  io: Io,
  lanes?: Lanes,
  options?: LaneSocketIoOptions,
): Io {
  if (typeof io !== 'function')
    throw wrongArgument('laneSocketIo', io, 'io of socket.io-client', 'the export `io` of socket.io-client');
  const used = lanesFor('laneSocketIo', lanes);
  const settings = readOptions(options);
  const openSocket = io as unknown as OpenSocket;
  const pools = new Map<string, LanePool>();

  const open = (first?: string | ClientOptions, second?: ClientOptions): ClientSocket => {
    const url = typeof first === 'string' ? first : undefined;
    const given = { ...(typeof first === 'object' ? first : second) };
    // This socket is never connected. It keeps the application's listeners and options.
    const original = openSocket(url, { ...given, autoConnect: false, forceNew: true });
    const { destination, id } = serverOf(url, given);
    const known = shares(given) ? pools.get(id) : undefined;
    const isTaken = [...(known?.sockets ?? [])].some((socket) => socket.original.nsp === original.nsp);
    const autoConnect = given.autoConnect !== false;
    const pool =
      known === undefined || isTaken
        ? new LanePool({ destination, template: original.io, autoConnect, lanes: used, settings })
        : known;
    if (known === undefined && shares(given)) pools.set(id, pool);
    const socket = new LaneSocket(original, given, pool);
    if (autoConnect) socket.connect();
    return original;
  };
  return Object.assign(open, io, { io: open, connect: open });
}

/** Whether socket.io shares the connection with other namespaces. */
function shares({ forceNew, multiplex }: ClientOptions): boolean {
  return forceNew !== true && multiplex !== false;
}

/** Returns the destination of the handshake, and what tells one server from another. */
function serverOf(url = '', { path = '/socket.io' }: ClientOptions): { destination: string; id: string } {
  // As socket.io does it: without a protocol it uses https.
  const destination = /^(https?|wss?):\/\//.test(url) ? url : `https://${url}`;
  try {
    const { protocol, host } = new URL(destination);
    return { destination, id: `${protocol}//${host} ${path}` };
  } catch {
    return { destination, id: `${url} ${path}` };
  }
}
