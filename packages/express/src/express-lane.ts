import { defaultLanes, type Lanes } from '@laneway/core';
import { runRequest } from '@laneway/node-http';
import type { RequestHandler } from 'express';

/**
 * Middleware that runs the rest of the request in its lane. Put it first.
 *
 * @param lanes @default the lanes of the process, from `LANEWAY_*`
 * @example
 * app.use(expressLane(lanes));
 */
export function expressLane(lanes: Lanes = defaultLanes()): RequestHandler {
  return (request, response, next) => runRequest(lanes, request, response, () => next());
}
