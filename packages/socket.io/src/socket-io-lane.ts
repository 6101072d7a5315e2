import { type Lanes, lanesFor } from '@laneway/core';
import { warnOfSecondLanes } from '@laneway/node-http';
import { captureHandshake } from './capture-handshake.js';
import type { HandshakeSocket } from './handshake-socket.js';
import {
  enterNamespace,
  enterSocket,
  namespaceLanesOf,
  type NamespaceLanes,
  type SocketLane,
  socketLaneOf,
} from './internals.js';
import { forgetRecoveredLane, joinLaneRoom, showLane } from './lane-room.js';
import { checkOptions, type SocketIoLaneOptions } from './options.js';
import { refuseEngine, refuseUncalled } from './uncalled.js';

/** A middleware for `io.use()` and `io.of(name).use()`. */
export type SocketIoMiddleware = (socket: HandshakeSocket, next: () => void) => void;

/**
 * Returns a middleware that keeps every socket of a namespace in the lane of its handshake.
 *
 * These run in the lane, on every transport, across an upgrade and a recovery: the middlewares registered after this one, `connection`,
 * every event listener, `disconnecting` and `disconnect`. Acknowledgements continue the code that asked for them.
 *
 * `socket.data.lane` is the lane's name, also in the results of `fetchSockets`.
 *
 * Register it on each namespace. If a namespace has two with different `lanes`, the first one decides and the process warns.
 *
 * @param lanes What `defineLanes` returned. @default the lanes of the process, from `LANEWAY_*`
 * @param options @default no rooms
 * @throws {LanewayAdapterError} when `lanes` is something else, such as a policy, or `options` is
 * @example
 * io.use(socketIoLane(lanes));
 * io.of('/admin').use(socketIoLane(lanes));
 */
export function socketIoLane(lanes?: Lanes, options?: SocketIoLaneOptions): SocketIoMiddleware;
export function socketIoLane(
  lanes?: Lanes,
  options: SocketIoLaneOptions = {},
  engineNext?: unknown,
): SocketIoMiddleware {
  // `io.use(socketIoLane)`: socket.io calls it with a socket and `next`, and ignores what it returns.
  const uncalledNext: unknown = options;
  if (typeof uncalledNext === 'function') {
    refuseUncalled(lanes, uncalledNext as () => void);
    return () => {};
  }
  if (typeof engineNext === 'function') {
    refuseEngine('socketIoLane', engineNext);
    return () => {};
  }
  checkOptions(options);
  const used = lanesFor('socketIoLane', lanes);
  const namespaceLanes: NamespaceLanes = {
    lanes: used,
    enter: (socket) => socketLaneOf(socket) ?? captureSocket(socket, used),
    connected: (socket, { lane: { name } }) => {
      if (name === undefined) return;
      // A middleware may have replaced `socket.data`.
      showLane(socket, name);
      if (options.rooms === true) joinLaneRoom(socket, name);
    },
  };

  return (socket: HandshakeSocket, next: () => void, third?: unknown) => {
    if (typeof next !== 'function') return refuseEngine('socketIoLane(lanes)', third);
    const first = namespaceLanesOf(socket.nsp);
    if (first === undefined) enterNamespace(socket.nsp, namespaceLanes);
    else if (first.lanes !== used) warnOfSecondLanes(first.lanes, used);
    const { lane, lanes: socketLanes } = namespaceLanes.enter(socket);
    return socketLanes.run(lane, next, socket);
  };
}

function captureSocket(socket: HandshakeSocket, lanes: Lanes): SocketLane {
  const captured = { lane: captureHandshake(lanes, socket), lanes };
  enterSocket(socket, captured);
  forgetRecoveredLane(socket);
  if (captured.lane.name !== undefined) showLane(socket, captured.lane.name);
  return captured;
}
