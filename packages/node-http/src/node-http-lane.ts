import type { Server } from 'node:http';
import type { Server as HttpsServer } from 'node:https';
import { type Lanes, lanesFor, wrongArgument } from '@laneway/core';
import { enterRequest } from './enter-request.js';
import { enterRequests } from './server-requests.js';

/**
 * Makes a server run all its listeners in the lane of each request and upgrade. Returns the server.
 *
 * @param lanes @default the lanes of the process, from `LANEWAY_*`
 * @returns the server
 * @throws {LanewayAdapterError} when `server` is not a server, or `lanes` are not lanes
 * @example
 * const server = nodeHttpLane(http.createServer(handler), lanes);
 */
export function nodeHttpLane<S extends Server | HttpsServer>(server: S, lanes?: Lanes): S {
  if (typeof server?.emit !== 'function')
    throw wrongArgument('nodeHttpLane', server, 'a server', 'what http.createServer returns');
  const resolved = lanesFor('nodeHttpLane', lanes);
  enterRequests(server, (request, answer, emit) => enterRequest(resolved, request, answer, emit));
  return server;
}
