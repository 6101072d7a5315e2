// The only file that uses internals of socket.io. Their names are the same in all of 4.x; 2.x has other names for some. If one is missing, the
// code that it covers runs in the context in which socket.io calls it. internals.test.ts fails when a version moves one.
import type { LaneContext, Lanes } from '@laneway/core';
import { type ClassMethod, enterClass, setHidden, type Wraps } from './class-entrance.js';
import type { HandshakeSocket } from './handshake-socket.js';

/** The lane of a socket, and of its connection. */
export interface SocketLane {
  readonly lane: LaneContext;
  readonly lanes: Lanes;
}

/** What a namespace does with its sockets. One object per namespace. */
export interface NamespaceLanes {
  readonly lanes: Lanes;
  /** Returns the lane of a socket. socket.io skips the middlewares for a recovered socket, which is seen here for the first time. */
  readonly enter: (socket: HandshakeSocket) => SocketLane;
  /** Called in the lane of a socket, before the `connection` listeners. */
  readonly connected: (socket: HandshakeSocket, own: SocketLane) => void;
}

type Next = (error?: unknown) => void;
type EventMiddleware = (event: unknown, next: Next) => unknown;

const SOCKET_LANE = Symbol('laneway.socketLane');
const NAMESPACE_LANES = Symbol('laneway.namespaceLanes');

/** Returns the lane of a socket or of a connection; `undefined` before the middleware has seen it. */
export function socketLaneOf(owner: object): SocketLane | undefined {
  return (owner as { [SOCKET_LANE]?: SocketLane })[SOCKET_LANE];
}

/** Returns what a namespace does with its sockets; `undefined` before the middleware has seen one. */
export function namespaceLanesOf(namespace: object): NamespaceLanes | undefined {
  return (namespace as { [NAMESPACE_LANES]?: NamespaceLanes })[NAMESPACE_LANES];
}

/** Makes all listeners and middlewares of a socket, and the listeners of its connection, run in a lane. */
export function enterSocket(socket: HandshakeSocket, own: SocketLane): void {
  setHidden(socket, SOCKET_LANE, own);
  enterClass(socket, SOCKET_WRAPS);
  // All sockets of a connection have one handshake, so the first socket decides for the connection.
  const { conn } = socket as { conn?: object | null };
  if (conn && socketLaneOf(conn) === undefined) {
    setHidden(conn, SOCKET_LANE, own);
    enterClass(conn, CONNECTION_WRAPS);
  }
  enterMiddlewares(socket, own);
}

/**
 * Makes the `connection` listeners of a namespace run in the lane of the socket, even if the last middleware called `next` from another
 * context.
 */
export function enterNamespace(namespace: object, own: NamespaceLanes): void {
  setHidden(namespace, NAMESPACE_LANES, own);
  // 2.x has no `emitReserved`: there `emit` calls the listeners.
  enterClass(namespace, isMethod(namespace, 'emitReserved') ? NAMESPACE_WRAPS : NAMESPACE_WRAPS_2);
  enterClass(read(namespace, 'adapter'), ADAPTER_WRAPS);
}

/**
 * The methods of a socket that call its listeners, in 4.x and in 2.x.
 *
 * Their callers have other contexts: the connection (its compressor may run the jobs of another connection), the server, or code in
 * another lane that broadcasts or disconnects.
 */
const LISTENER_CALLERS = ['_onpacket', '_onclose', '_onerror', 'onpacket', 'onclose', 'onerror'];

const SOCKET_WRAPS: Wraps = {
  ...Object.fromEntries(LISTENER_CALLERS.map((name) => [name, (original: ClassMethod) => inLane(original)])),
  // socket.io calls this for every socket of a broadcast, and few sockets have such a listener.
  notifyOutgoingListeners: (original) => inLane(original, hasOutgoingListeners),
  emit: (original) => withBoundCallbacks(original, (socket) => socketLaneOf(socket)?.lanes),
  use: (original) =>
    function (middleware) {
      const own = socketLaneOf(this);
      return original.call(this, own === undefined ? middleware : reenter(middleware, this, own));
    },
};

// socket.io listens to `data`, for every message. It stays fast if nobody else does.
const CONNECTION_WRAPS: Wraps = {
  emit: (original) =>
    inLane(original, (connection, event) => {
      const { listenerCount } = connection as { listenerCount: (event: unknown) => number };
      return listenerCount.call(connection, event) > (event === 'data' ? 1 : 0);
    }),
};

const enterConnections = (original: ClassMethod): ClassMethod =>
  function (...args) {
    const [event, socket] = args;
    const namespace = namespaceLanesOf(this);
    const isConnection = event === 'connect' || event === 'connection';
    if (namespace === undefined || !isConnection || !isSocket(socket)) return original.apply(this, args);
    const own = namespace.enter(socket);
    const emit = (): unknown => {
      if (event === 'connect') namespace.connected(socket, own);
      return original.apply(this, args);
    };
    return own.lanes.run(own.lane, emit, socket);
  };
const NAMESPACE_WRAPS: Wraps = {
  emitReserved: enterConnections,
  serverSideEmit: (original) =>
    withBoundCallbacks(original, (namespace) => namespaceLanesOf(namespace)?.lanes),
  // What another server emits belongs to no socket. A cluster adapter calls this in the context of its own connection.
  _onServerSideEmit: (original) =>
    function (...args) {
      const own = namespaceLanesOf(this);
      if (own === undefined) return original.apply(this, args);
      return own.lanes.baseline(() => original.apply(this, args));
    },
};
const NAMESPACE_WRAPS_2: Wraps = { emit: enterConnections };

// A cluster adapter calls back from its own connection, for the clients of other servers.
const ADAPTER_WRAPS: Wraps = {
  broadcastWithAck: (original) =>
    withBoundCallbacks(original, (adapter) => {
      const namespace = read(adapter, 'nsp');
      return typeof namespace === 'object' && namespace !== null
        ? namespaceLanesOf(namespace)?.lanes
        : undefined;
    }),
};

function inLane(original: ClassMethod, isNeeded?: (owner: object, first: unknown) => boolean): ClassMethod {
  return function (...args) {
    const own = socketLaneOf(this);
    if (own === undefined || isNeeded?.(this, args[0]) === false) return original.apply(this, args);
    return own.lanes.run(own.lane, () => original.apply(this, args), this);
  };
}

/** Makes acknowledgement callbacks run in the context of the code that asked, as `await emitWithAck()` does by itself. */
function withBoundCallbacks(
  original: ClassMethod,
  lanesOf: (owner: object) => Lanes | undefined,
): ClassMethod {
  return function (...args) {
    const hasCallback = args.some((arg) => typeof arg === 'function');
    // Node emits these with a listener, whose identity matters.
    const isListener = args[0] === 'newListener' || args[0] === 'removeListener';
    const lanes = hasCallback && !isListener ? lanesOf(this) : undefined;
    if (lanes === undefined) return original.apply(this, args);
    const bound = args.map((arg) => (typeof arg === 'function' ? lanes.bind(arg as ClassMethod) : arg));
    return original.apply(this, bound);
  };
}

/** Re-enters the lane in the middlewares that a socket got before its lane was known. */
function enterMiddlewares(socket: object, own: SocketLane): void {
  const earlier = read(socket, 'fns');
  if (Array.isArray(earlier) && earlier.length > 0)
    earlier.splice(0, Infinity, ...earlier.map((middleware) => reenter(middleware, socket, own)));
  // Without these methods, events still pass through the middlewares, which are public API.
  if (isMethod(socket, '_onpacket') || isMethod(socket, 'onpacket') || !isMethod(socket, 'use')) return;
  (socket as { use: (middleware: unknown) => unknown }).use(
    reenter((_event: unknown, next: Next) => next(), socket, own),
  );
}

/** Re-enters the lane at each `next`: a middleware may call it from the context of a client library. */
function reenter(middleware: unknown, socket: object, { lane, lanes }: SocketLane): unknown {
  if (typeof middleware !== 'function') return middleware;
  const reentered: EventMiddleware = (event, next) =>
    (middleware as EventMiddleware)(event, (error) => lanes.run(lane, () => next(error), socket));
  return reentered;
}

function hasOutgoingListeners(socket: object): boolean {
  const { listenersAnyOutgoing } = socket as { listenersAnyOutgoing?: () => unknown[] };
  return listenersAnyOutgoing?.call(socket).length !== 0;
}

function isSocket(value: unknown): value is HandshakeSocket {
  return typeof value === 'object' && value !== null && 'nsp' in value;
}

function isMethod(target: object, name: string): boolean {
  return typeof read(target, name) === 'function';
}

function read(target: object, name: string): unknown {
  return (target as Record<string, unknown>)[name];
}
