import type { IncomingMessage, ServerResponse } from 'node:http';
import { type Lanes, lanesFor } from '@laneway/core';
import { enterExpressLayers, enterRequest } from '@laneway/node-http';

/** A middleware of express, by shape: so it fits every version, and does not decide what a route's parameters are. */
export type ExpressMiddleware = (
  request: IncomingMessage,
  response: ServerResponse,
  next: () => void,
) => void;

/**
 * Middleware that runs the rest of the request in its lane. Put it first.
 *
 * @param lanes @default the lanes of the process, from `LANEWAY_*`
 * @throws {LanewayAdapterError} when it is handed something that is no lanes
 * @example
 * app.use(expressLane(lanes));
 */
export function expressLane(lanes?: Lanes): ExpressMiddleware {
  const own = lanesFor('expressLane', lanes);
  return (request, response, next) => {
    enterExpressLayers(request);
    return enterRequest(own, request, response, () => next());
  };
}
