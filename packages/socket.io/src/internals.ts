// Everything that is touched inside socket.io stands in this file. The names are the same in every 4.x; should one be gone, what
// it covers keeps the context that socket.io gives it, and nothing else happens. internals.test.ts fails when that is so.
import type { LaneContext, Lanes } from '@laneway/core';
import type { HandshakeSocket } from './socket-io-lane.js';

type Method = (...args: unknown[]) => unknown;
type EventMiddleware = (event: unknown, next: (error?: unknown) => void) => unknown;

/**
 * The methods of a socket that call its listeners. Who calls them has a context of its own: the connection, whose compressor
 * may be running another one's jobs, the server, or code in another lane that broadcasts or disconnects.
 */
const ENTRANCES = ['_onpacket', '_onclose', '_onerror'];

/** Makes everything that reaches a socket's listeners run in a lane. */
export function runSocketIn(lane: LaneContext, socket: HandshakeSocket, lanes: Lanes): void {
  const enter =
    (original: Method): Method =>
    (...args) =>
      lanes.run(lane, () => original(...args));
  for (const name of ENTRANCES) wrapMethod(socket, name, enter);
  // Called for every socket of a broadcast, nearly always in vain: a lane is entered only where somebody listens.
  wrapMethod(socket, 'notifyOutgoingListeners', (original) => {
    const entered = enter(original);
    return (...args) => (isHeardOutgoing(socket) ? entered(...args) : original(...args));
  });
  returnFromMiddlewares(lane, socket, lanes);
  bindCallbacks(read(socket, 'acks'), 'set', lanes);
}

/**
 * Makes a namespace's `connection` listeners run in the lane of the socket, whatever the context in which the last middleware
 * called `next`. A recovered socket, for which middlewares are skipped, is seen here for the first time.
 */
export function runConnectionsIn(
  laneOf: (socket: HandshakeSocket) => LaneContext,
  namespace: object,
  lanes: Lanes,
): void {
  wrapMethod(namespace, 'emitReserved', (original) => (event, ...args) => {
    if (event !== 'connect' && event !== 'connection') return original(event, ...args);
    return lanes.run(laneOf(args[0] as HandshakeSocket), () => original(event, ...args));
  });
  // The adapter of a cluster calls back from its own connection for the clients of other servers.
  bindCallbacks(read(namespace, 'adapter'), 'broadcastWithAck', lanes);
}

/** A client library may call `next` from a context of its own; middlewares and listeners behind it are in the lane again. */
function returnFromMiddlewares(lane: LaneContext, socket: object, lanes: Lanes): void {
  const returning =
    (middleware: EventMiddleware): EventMiddleware =>
    (event, next) =>
      middleware(event, (error) => lanes.run(lane, () => next(error)));
  const earlier = read(socket, 'fns');
  if (Array.isArray(earlier)) earlier.splice(0, Infinity, ...(earlier as EventMiddleware[]).map(returning));
  wrapMethod(socket, 'use', (original) => {
    const use = (middleware: unknown): unknown => original(returning(middleware as EventMiddleware));
    // Should the entrance be gone, events still pass through middlewares, which are public API.
    if (typeof read(socket, '_onpacket') !== 'function') use((_event: unknown, next: () => void) => next());
    return use;
  });
}

/** An answer continues the code that asked for it, as `await emitWithAck()` does by itself, whoever sends it. */
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

function isHeardOutgoing(socket: object): boolean {
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
