import { type LaneContext, type Lanes, lanesFor } from '@laneway/core';
import { captureRequest, warnOfSecondLanes } from '@laneway/node-http';
import { context } from '@opentelemetry/api';
import type { HandshakeSocket } from './handshake-socket.js';
import { runConnectionsInLane, runListenersInLane } from './internals.js';
import { refuseUncalled } from './uncalled.js';

/** A middleware for `io.use()` and `io.of(name).use()`. */
export type SocketIoMiddleware = (socket: HandshakeSocket, next: () => void) => void;

// By socket and by namespace, so that a second middleware on one namespace only re-enters the lane.
const laneOfSocket = new WeakMap<HandshakeSocket, LaneContext>();
const lanesOfNamespace = new WeakMap<object, Lanes>();

/**
 * Returns a middleware that keeps every socket of a namespace in the lane of its handshake.
 *
 * These run in the lane, on every transport, across an upgrade and a recovery: the middlewares registered after this one, `connection`,
 * every event listener, `disconnecting` and `disconnect`. Acknowledgements continue the code that asked for them.
 *
 * Register it on each namespace. If a namespace has two with different `lanes`, the first one decides and the process warns.
 *
 * @param lanes What `defineLanes` returned. @default the lanes of the process, from `LANEWAY_*`
 * @throws {LanewayAdapterError} when `lanes` is something else, such as a policy
 * @example
 * io.use(socketIoLane(lanes));
 * io.of('/admin').use(socketIoLane(lanes));
 */
export function socketIoLane(lanes?: Lanes): SocketIoMiddleware;
export function socketIoLane(lanes?: Lanes, uncalledNext?: unknown): SocketIoMiddleware {
  // `io.use(socketIoLane)`: socket.io calls it with a socket and `next`, and ignores what it returns.
  if (typeof uncalledNext === 'function') {
    refuseUncalled(lanes, uncalledNext as () => void);
    return () => {};
  }
  const used = lanesFor('socketIoLane', lanes);
  const laneOf = (socket: HandshakeSocket): LaneContext =>
    laneOfSocket.get(socket) ?? enterSocket(socket, used);

  return (socket, next) => {
    const first = lanesOfNamespace.get(socket.nsp);
    if (first === undefined) {
      lanesOfNamespace.set(socket.nsp, used);
      runConnectionsInLane(laneOf, socket.nsp, used);
    } else if (first !== used) warnOfSecondLanes(first, used);
    used.run(laneOf(socket), next, socket);
  };
}

function enterSocket(socket: HandshakeSocket, lanes: Lanes): LaneContext {
  const lane = captureRequest(lanes, socket.request);
  laneOfSocket.set(socket, lane);
  runListenersInLane(lane, socket, lanes);
  // Binds the listeners that are added from now on. socket.io's own listeners, which handle every message, stay unbound and fast.
  // All sockets of a connection have one handshake, so the first socket decides for all of them.
  lanes.run(lane, () => context.bind(context.active(), socket.conn), socket);
  return lane;
}
