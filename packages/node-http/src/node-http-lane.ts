import type { Server } from 'node:http';
import type { Server as HttpsServer } from 'node:https';
import { LanewayAdapterError, type Lanes, lanesFor } from '@laneway/core';
import { enterRequest } from './enter-request.js';
import { enterRequests } from './server-requests.js';

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
  enterRequests(server, (request, answer, emit) => enterRequest(own, request, answer, emit));
  return server;
}
