import type { LaneContext, Lanes } from '@laneway/core';
import type { HandshakeSocket } from './socket-io-lane.js';

/**
 * Everything that this package touches inside socket.io stands in this file. The names are the same in every 4.x; should one
 * be gone, what it covers loses its lane and nothing else happens. `internals.test.ts` tells when that is so.
 */
type Method = (...args: unknown[]) => unknown;
type EventMiddleware = (event: unknown, next: (error?: unknown) => void) => unknown;

interface SocketInternals {
  acks?: Map<unknown, unknown>;
  fns?: EventMiddleware[];
  use?: (middleware: EventMiddleware) => unknown;
}

/**
 * The methods of a socket that call its listeners. Who calls them has a context of its own: the connection, which another
 * socket may share or whose compressor runs other connections' jobs, the server, or code in another lane that broadcasts.
 */
const ENTRANCES = ['_onpacket', '_onclose', '_onerror', 'notifyOutgoingListeners'];

/** Makes everything that reaches a socket's listeners run in a lane. */
export function runSocketIn(lane: LaneContext, socket: HandshakeSocket, lanes: Lanes): void {
  for (const name of ENTRANCES) {
    wrapMethod(
      socket,
      name,
      (original) =>
        (...args) =>
          lanes.run(lane, () => original(...args)),
    );
  }
  returnToLane(lane, socket as SocketInternals, lanes);
  bindAcks(socket as SocketInternals, lanes);
}

/** A client library may call `next` from a context of its own; listeners and middlewares behind it are in the lane again. */
function returnToLane(lane: LaneContext, socket: SocketInternals, lanes: Lanes): void {
  const returning =
    (middleware: EventMiddleware): EventMiddleware =>
    (event, next) =>
      middleware(event, (error) => lanes.run(lane, () => next(error)));
  socket.fns?.forEach((middleware, index, all) => {
    all[index] = returning(middleware);
  });
  wrapMethod(socket, 'use', (original) => (middleware) => original(returning(middleware as EventMiddleware)));
  // Without the first entrance, events still pass through a middleware, which is public API.
  if (!('_onpacket' in socket)) socket.use?.((_event, next) => next());
}

/** An answer continues the code that emitted, as `await emitWithAck()` does, whoever sends it. */
function bindAcks({ acks }: SocketInternals, lanes: Lanes): void {
  if (acks === undefined) return;
  wrapMethod(
    acks,
    'set',
    (original) => (id, ack) => original(id, typeof ack === 'function' ? lanes.bind(ack as Method) : ack),
  );
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
}

function wrapMethod(target: object, name: string, wrap: (original: Method) => Method): void {
  const methods = target as Record<string, unknown>;
  const original = methods[name];
  if (typeof original === 'function') methods[name] = wrap(original.bind(target) as Method);
}
