import { type Lanes, lanesFor } from '@laneway/core';
import { bindStream, runBound } from '@laneway/node-http';
import type { Context, MiddlewareHandler } from 'hono';
import { enterHonoRequest, requestOf } from './hono-request.js';
import { wrapHandlers } from './matched-handlers.js';
import { streamedResponse } from './response-stream.js';

/**
 * Returns middleware that runs the rest of the request in its lane. Register it first.
 *
 * @param lanes @default the lanes of the process, from `LANEWAY_*`
 * @throws {LanewayAdapterError} when `lanes` is not what `defineLanes` returns
 * @example
 * app.use(honoLane(lanes));
 */
export function honoLane(lanes?: Lanes): MiddlewareHandler {
  const requestLanes = lanesFor('honoLane', lanes);
  return (c, next) => {
    const isFirst = requestOf(c) === undefined;
    return enterHonoRequest(requestLanes, c, async () => {
      if (!isFirst) return next();
      wrapHandlers(c, runNext);
      await next();
      bindResponse(c);
    });
  };
}

function runNext(c: Context, next: () => Promise<void>): Promise<void> {
  const request = requestOf(c);
  return request === undefined ? next() : runBound(request, next);
}

/** Binds the body stream of the response to the lane, because the server reads it in another context. */
function bindResponse(c: Context): void {
  if (!c.finalized) return;
  const streamed = streamedResponse(c.res);
  if (streamed === undefined || streamed.stream.locked) return;
  c.res = undefined; // Otherwise hono merges the headers of both responses.
  c.res = new Response(bindStream(streamed.stream), streamed.init);
}
