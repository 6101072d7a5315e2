import { type LaneContext, type Lanes, lanesFor } from '@laneway/core';
import { type CapturedRequest, captureRequest } from '@laneway/node-http';
import { context } from '@opentelemetry/api';
import { runConnectionsIn, runSocketIn } from './internals.js';

/** What is read of a socket.io `Socket`. By shape, so that every typed `Server` and every copy of socket.io is taken. */
export interface HandshakeSocket {
  /** Missing for a connection that starts on WebTransport. */
  readonly request?: CapturedRequest | null | undefined;
  readonly nsp: object;
  readonly conn: object;
}

/** A middleware for `io.use()` or `io.of(name).use()`. */
export type SocketIoMiddleware = (socket: HandshakeSocket, next: () => void) => void;

// By socket and namespace rather than by middleware: a second one on the same namespace only re-enters the lane.
const laneOfSocket = new WeakMap<HandshakeSocket, LaneContext>();
const knownNamespaces = new WeakSet<object>();

/**
 * Keeps every socket of a namespace in the lane of its handshake: middlewares behind this one, `connection`, every event
 * listener, `disconnecting` and `disconnect`, on every transport, across the upgrade and a recovery. Acknowledgements
 * continue the code that asked for them.
 *
 * Each namespace takes its own line, dynamic ones too. Where there are two, with different `lanes`, the first one decides.
 *
 * @param lanes - what `defineLanes` returned. @default defaultLanes()
 * @example
 * io.use(socketIoLane(lanes));
 * io.of('/admin').use(socketIoLane(lanes));
 */
export function socketIoLane(lanes?: Lanes): SocketIoMiddleware {
  const own = lanesFor('socketIoLane', lanes);
  const laneOf = (socket: HandshakeSocket): LaneContext => {
    const known = laneOfSocket.get(socket);
    if (known !== undefined) return known;
    // The handshake's headers are this request's; the transport may be another one since, the request is not.
    const lane = captureRequest(own, socket.request);
    laneOfSocket.set(socket, lane);
    runSocketIn(lane, socket, own);
    // For listeners that are added from now on: socket.io's own, which every message passes, stay as they are and as fast.
    // The first socket of a connection decides, and the handshake is the same for all.
    own.run(lane, () => context.bind(context.active(), socket.conn));
    return lane;
  };

  return (socket, next) => {
    if (!knownNamespaces.has(socket.nsp)) {
      knownNamespaces.add(socket.nsp);
      runConnectionsIn(laneOf, socket.nsp, own);
    }
    own.run(laneOf(socket), next);
  };
}
