import { type Lanes, lanesFor } from '@laneway/core';
import { bindStream, runBound } from '@laneway/node-http';
import type { Context, MiddlewareHandler } from 'hono';
import { enterHonoRequest, requestOf } from './hono-request.js';
import { wrapHandlers } from './matched-handlers.js';
import { streamedResponse } from './response-stream.js';

/**
 * Middleware that runs the rest of the request in its lane. Put it first.
 *
 * @param lanes @default the default lanes of the process, from `LANEWAY_*`
 * @throws {LanewayAdapterError} when `lanes` is not what `defineLanes` returns
 * @example
 * app.use(honoLane(lanes));
 */
export function honoLane(lanes?: Lanes): MiddlewareHandler {
  const own = lanesFor('honoLane', lanes);
  return (c, next) => {
    const isFirst = requestOf(c) === undefined;
    return enterHonoRequest(own, c, async () => {
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

/** The server reads the body of a response from a place of its own. */
function bindResponse(c: Context): void {
  if (!c.finalized) return;
  const streamed = streamedResponse(c.res);
  if (streamed === undefined || streamed.stream.locked) return;
  c.res = undefined; // Hono would else merge the headers of both.
  c.res = new Response(bindStream(streamed.stream), streamed.init);
}
