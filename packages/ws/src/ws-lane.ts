import { EventEmitter } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { type Lanes, lanesFor, override, wrongArgument } from '@laneway/core';
import { enterRequest, isBound, runBound } from '@laneway/node-http';
import { bindCallbacks, bindSocket } from './socket-class.js';
import { refuseUncalled } from './uncalled.js';

/** The part of a `WebSocketServer` that {@link wsLane} changes. */
export interface UpgradeServer {
  // `never` accepts the methods of every typed server and of every copy of ws.
  handleUpgrade(...args: never[]): void;
  emit(...args: never[]): boolean;
}

type Method = (...args: never[]) => unknown;

/** The events of a server about one socket or handshake. */
const SOCKET_EVENTS: ReadonlySet<unknown> = new Set(['connection', 'headers', 'wsClientError']);

/**
 * Makes a server of ws keep every socket in the lane of its handshake. Returns the server.
 *
 * These run in the lane, whoever emits: the listeners of `connection`, `headers` and `wsClientError`, `verifyClient`, `handleProtocols`, and
 * every listener of the socket. The callbacks of `send`, `ping` and `pong` continue the code that called them.
 *
 * @param server a `WebSocketServer` with any of the options `server`, `port` and `noServer`
 * @param lanes What `defineLanes` returned. @default the lanes of the process, from `LANEWAY_*`
 * @returns the server
 * @throws {LanewayAdapterError} when `server` is not such a server, or `lanes` are not lanes
 * @example
 * const server = wsLane(new WebSocketServer({ port: 3000 }), lanes);
 * server.on('connection', (socket) => socket.on('message', () => lanes.current()));
 */
export function wsLane<S extends UpgradeServer>(server: S, lanes?: Lanes): S {
  if (refuseUncalled(server, lanes)) return server;
  if (typeof server?.handleUpgrade !== 'function' || typeof server.emit !== 'function')
    throw wrongArgument('wsLane', server, 'a WebSocketServer', 'what new WebSocketServer(options) returns');
  const used = lanesFor('wsLane', lanes);
  override(server, {
    handleUpgrade: (original) => enterUpgrade(original, used),
    // Not public: `verifyClient` may call back in another context, before `handleProtocols` and `headers`. ws-lane.test.ts fails when a
    // version moves it; then only those two run where `verifyClient` called back.
    completeUpgrade: (original) => enterAgain(original),
    emit: (original) => emitInLane(original, used),
    close: (original) =>
      function (this: unknown, ...args: unknown[]) {
        return Reflect.apply(original, this, bindCallbacks(args, used));
      },
  });
  return server;
}

function enterUpgrade(original: Method, lanes: Lanes): Method {
  return function (this: unknown, ...args: unknown[]) {
    const [request, socket, head, callback] = args;
    if (
      !(request instanceof EventEmitter) ||
      !(socket instanceof EventEmitter) ||
      typeof callback !== 'function'
    )
      return Reflect.apply(original, this, args);
    const onUpgrade = (webSocket: EventEmitter, ...rest: unknown[]): void => {
      bindSocket(webSocket, request);
      runBound(request, () => Reflect.apply(callback, undefined, [webSocket, ...rest]));
    };
    return enterRequest(lanes, request as IncomingMessage, socket, () =>
      Reflect.apply(original, this, [request, socket, head, onUpgrade]),
    );
  };
}

function enterAgain(original: Method): Method {
  return function (this: unknown, ...args: unknown[]) {
    return runFirstBound(args, () => Reflect.apply(original, this, args));
  };
}

/** Events about one socket or handshake run in its lane, and `close` at the baseline: the last client that closes causes it. */
function emitInLane(original: Method, lanes: Lanes): Method {
  return function (this: unknown, ...args: unknown[]) {
    const [event] = args;
    const emit = (): unknown => Reflect.apply(original, this, args);
    if (event === 'close') return lanes.baseline(emit);
    return SOCKET_EVENTS.has(event) ? runFirstBound(args, emit) : emit();
  };
}

/** Runs `fn` in the context of the first bound emitter in a list. */
function runFirstBound<T>(args: readonly unknown[], fn: () => T): T {
  const bound = args.find((arg): arg is EventEmitter => arg instanceof EventEmitter && isBound(arg));
  return bound === undefined ? fn() : runBound(bound, fn);
}
