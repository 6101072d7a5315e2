import type { IncomingMessage, ServerResponse } from 'node:http';
import { type Lanes, lanesFor } from '@laneway/core';
import { enterExpressLayers, enterRequest } from '@laneway/node-http';

/** Express middleware. The type is structural, so that it fits every version and does not fix the type of a route's parameters. */
export type ExpressMiddleware = (
  request: IncomingMessage,
  response: ServerResponse,
  next: () => void,
) => void;

/**
 * Returns middleware that runs the rest of the request in its lane. Register it first.
 *
 * @param lanes @default the lanes of the process, from `LANEWAY_*`
 * @throws {LanewayAdapterError} when `lanes` is not what `defineLanes` returns
 * @example
 * app.use(expressLane(lanes));
 */
export function expressLane(lanes?: Lanes): ExpressMiddleware {
  const requestLanes = lanesFor('expressLane', lanes);
  return (request, response, next) => {
    enterExpressLayers(request);
    return enterRequest(requestLanes, request, response, () => next());
  };
}
