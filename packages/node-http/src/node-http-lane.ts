import type { EventEmitter } from 'node:events';
import type { IncomingMessage, Server } from 'node:http';
import type { Server as HttpsServer } from 'node:https';
import { defaultLanes, LanewayAdapterError, type Lanes } from '@laneway/core';
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
export function nodeHttpLane<S extends Server | HttpsServer>(server: S, lanes: Lanes = defaultLanes()): S {
  if (typeof server?.emit !== 'function')
    throw new LanewayAdapterError(
      'nodeHttpLane was handed no server. Hand it what http.createServer returns.',
    );
  const emit: EventEmitter['emit'] = server.emit;
  server.emit = (event: string | symbol, ...args: unknown[]): boolean => {
    const emitNow = (): boolean => Reflect.apply(emit, server, [event, ...args]);
    if (!REQUEST_EVENTS.has(event)) return emitNow();
    return runRequest(lanes, args[0] as IncomingMessage, args[1] as EventEmitter, emitNow);
  };
  return server;
}
