import { EventEmitter } from 'node:events';
import { type IncomingMessage, Server } from 'node:http';
import type { Server as HttpsServer } from 'node:https';
import { LanewayAdapterError, type Lanes, lanesFor } from '@laneway/core';
import { runRequest } from './run-request.js';

// The events of a server that bring a request; the second argument is what answers it, a response or a socket.
const REQUEST_EVENTS: ReadonlySet<string | symbol> = new Set([
  'request',
  'upgrade',
  'connect',
  'checkContinue',
  'checkExpectation',
]);

/**
 * Makes a plain server run each request and each upgrade in its lane, for every listener, whenever it was added.
 *
 * @param lanes @default the lanes of the process, from `LANEWAY_*`
 * @returns the server
 * @throws {LanewayAdapterError} when it is handed something that is no server
 * @example
 * const server = nodeHttpLane(http.createServer(handler), lanes);
 */
export function nodeHttpLane<S extends Server | HttpsServer>(server: S, lanes?: Lanes): S {
  if (typeof server?.emit !== 'function')
    throw new LanewayAdapterError(
      'nodeHttpLane was handed no server. Hand it what http.createServer returns.',
    );
  const own = lanesFor('nodeHttpLane', lanes);
  const relay = createRelay(server, own);
  // One that somebody else gave this very server knows nothing of a relay.
  const emit = Object.hasOwn(server, 'emit') ? server.emit : undefined;
  server.emit = (event: string | symbol, ...args: unknown[]): boolean => {
    if (!REQUEST_EVENTS.has(event)) return emitOn(server, emit, event, args);
    if (emit === undefined) return emitOn(relay, undefined, event, args);
    const [request, answer] = args as [IncomingMessage, EventEmitter];
    return runRequest(own, request, answer, () => emitOn(server, emit, event, args));
  };
  return server;
}

function emitOn(
  target: EventEmitter,
  own: EventEmitter['emit'] | undefined,
  event: string | symbol,
  args: unknown[],
): boolean {
  // Looked up for each event: an instrumentation may replace it later.
  return Reflect.apply(own ?? Server.prototype.emit, target, [event, ...args]);
}

/**
 * OpenTelemetry's http instrumentation replaces the servers' `emit`, and starts each request in a context of its own. The lane must be
 * entered inside of that: it emits on this relay, which then emits on the server.
 */
function createRelay(server: EventEmitter, lanes: Lanes): EventEmitter {
  const relay = new EventEmitter();
  for (const event of REQUEST_EVENTS) {
    relay.on(event, (request: IncomingMessage, answer: EventEmitter, ...rest: unknown[]) => {
      const emit = (): boolean =>
        Reflect.apply(EventEmitter.prototype.emit, server, [event, request, answer, ...rest]);
      runRequest(lanes, request, answer, emit);
    });
  }
  return relay;
}
