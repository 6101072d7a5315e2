// Every use of a socket.io internal is in this file. The names are the same in all of 4.x. If one is missing, the code that it covers
// runs in the context that socket.io gives it, and nothing else changes. internals.test.ts fails when a version moves one.
import type { LaneContext, Lanes } from '@laneway/core';
import type { HandshakeSocket } from './handshake-socket.js';

type Method = (...args: unknown[]) => unknown;
type EventMiddleware = (event: unknown, next: (error?: unknown) => void) => unknown;

/**
 * The methods of a socket that call its listeners.
 *
 * Their callers have other contexts: the connection (its compressor may run the jobs of another connection), the server, or code in
 * another lane that broadcasts or disconnects.
 */
const LISTENER_CALLERS = ['_onpacket', '_onclose', '_onerror'];

/** Makes all listeners and middlewares of a socket run in a lane. */
export function runListenersInLane(lane: LaneContext, socket: HandshakeSocket, lanes: Lanes): void {
  const inLane =
    (original: Method): Method =>
    (...args) =>
      lanes.run(lane, () => original(...args), socket);
  for (const name of LISTENER_CALLERS) wrapMethod(socket, name, inLane);
  // socket.io calls this for every socket of a broadcast, and few sockets have such a listener.
  wrapMethod(socket, 'notifyOutgoingListeners', (original) => {
    const originalInLane = inLane(original);
    return (...args) => (hasOutgoingListeners(socket) ? originalInLane(...args) : original(...args));
  });
  runMiddlewaresInLane(lane, socket, lanes);
  bindCallbacks(read(socket, 'acks'), 'set', lanes);
}

/**
 * Makes the `connection` listeners of a namespace run in the lane of the socket, even if the last middleware called `next` from another
 * context.
 *
 * socket.io skips the middlewares for a recovered socket, so `laneOf` may see the socket here for the first time.
 */
export function runConnectionsInLane(
  laneOf: (socket: HandshakeSocket) => LaneContext,
  namespace: object,
  lanes: Lanes,
): void {
  wrapMethod(namespace, 'emitReserved', (original) => (event, ...args) => {
    if (event !== 'connect' && event !== 'connection') return original(event, ...args);
    const socket = args[0] as HandshakeSocket;
    return lanes.run(laneOf(socket), () => original(event, ...args), socket);
  });
  // A cluster adapter calls back from its own connection, for the clients of other servers.
  bindCallbacks(read(namespace, 'adapter'), 'broadcastWithAck', lanes);
}

/** Re-enters the lane at each `next`: a middleware may call it from the context of a client library. */
function runMiddlewaresInLane(lane: LaneContext, socket: object, lanes: Lanes): void {
  const reenter =
    (middleware: EventMiddleware): EventMiddleware =>
    (event, next) =>
      middleware(event, (error) => lanes.run(lane, () => next(error), socket));
  const earlier = read(socket, 'fns');
  if (Array.isArray(earlier)) earlier.splice(0, Infinity, ...(earlier as EventMiddleware[]).map(reenter));
  wrapMethod(socket, 'use', (original) => {
    const use = (middleware: unknown): unknown => original(reenter(middleware as EventMiddleware));
    // Without `_onpacket`, events still pass through the middlewares, which are public API.
    if (typeof read(socket, '_onpacket') !== 'function') use((_event: unknown, next: () => void) => next());
    return use;
  });
}

/** Makes acknowledgement callbacks run in the context of the code that asked, as `await emitWithAck()` does by itself. */
function bindCallbacks(target: unknown, name: string, lanes: Lanes): void {
  const bind = (arg: unknown): unknown => (typeof arg === 'function' ? lanes.bind(arg as Method) : arg);
  wrapMethod(
    target,
    name,
    (original) =>
      (...args) =>
        original(...args.map(bind)),
  );
}

function hasOutgoingListeners(socket: object): boolean {
  const { listenersAnyOutgoing } = socket as { listenersAnyOutgoing?: () => unknown[] };
  return listenersAnyOutgoing?.call(socket).length !== 0;
}

function wrapMethod(target: unknown, name: string, wrap: (original: Method) => Method): void {
  if (typeof target !== 'object' || target === null) return;
  const original = read(target, name);
  if (typeof original === 'function')
    Object.assign(target, { [name]: wrap(original.bind(target) as Method) });
}

function read(target: object, name: string): unknown {
  return (target as Record<string, unknown>)[name];
}
