import type { IncomingMessage, ServerResponse } from 'node:http';
import { BASELINE, type Lanes, lanesFor, snapshot } from '@laneway/core';
import { bindStream, runRequest } from '@laneway/node-http';
import type { Context, MiddlewareHandler } from 'hono';
import { wrapHandlers } from './matched-handlers.js';
import { streamedResponse } from './response-stream.js';

/** What `@hono/node-server` puts into `c.env`. */
interface NodeEnvironment {
  readonly incoming: IncomingMessage;
  readonly outgoing: ServerResponse;
}

/**
 * Middleware that runs the rest of the request in its lane. Put it first.
 *
 * @param lanes @default the lanes of the process, from `LANEWAY_*`
 * @throws {LanewayAdapterError} when it is handed something that is no lanes
 * @example
 * app.use(honoLane(lanes));
 */
export function honoLane(lanes?: Lanes): MiddlewareHandler {
  const own = lanesFor('honoLane', lanes);
  return (c, next) =>
    runOnce(own, c, async () => {
      contexts.set(c, snapshot());
      wrapHandlers(c, runInContext);
      await next();
      bindResponse(c);
    });
}

const contexts = new WeakMap<Context, ReturnType<typeof snapshot>>();

function runInContext<T>(c: Context, fn: () => T): T {
  const enter = contexts.get(c);
  return enter === undefined ? fn() : enter(fn);
}

function runOnce<T>(lanes: Lanes, c: Context, fn: () => T): T {
  const node = nodeEnvironment(c);
  if (node === undefined) return runWebRequest(lanes, c, fn);
  return runRequest(lanes, node.incoming, node.outgoing, () => {
    // The request of Node is stripped already, where it had to be.
    if (lanes.policy.trust !== 'all' && lanes.strip(node.incoming.headers) === node.incoming.headers)
      stripRequest(lanes, c);
    return fn();
  });
}

/** `undefined` behind other servers, and in tests with `app.request()`. */
function nodeEnvironment(c: Context): NodeEnvironment | undefined {
  const env = c.env as Partial<NodeEnvironment> | undefined;
  const isNode = typeof env?.incoming?.emit === 'function' && typeof env.outgoing?.emit === 'function';
  return isNode ? (env as NodeEnvironment) : undefined;
}

function runWebRequest<T>(lanes: Lanes, c: Context, next: () => T): T {
  const lane = lanes.capture(c.req.raw.headers, { request: c.req.raw });
  return lanes.run(lane, () => {
    if (lanes.policy.trust !== 'all' && lane === BASELINE) stripRequest(lanes, c);
    return next();
  });
}

/** What is not trusted is not forwarded either, by code that copies the headers of the request. */
function stripRequest(lanes: Lanes, c: Context): void {
  const { raw } = c.req;
  const kept = lanes.strip(raw.headers);
  if (kept === raw.headers) return;
  try {
    for (const name of Object.keys(Object.fromEntries(raw.headers))) {
      const value = kept.get(name);
      if (value === null) raw.headers.delete(name);
      else raw.headers.set(name, value);
    }
  } catch {
    // The headers of a request that a server hands over may be immutable (Fetch, section 5.1).
    c.req.raw = new Request(raw, { headers: kept });
  }
}

/** The server reads the body of a response from a place of its own. */
function bindResponse(c: Context): void {
  if (!c.finalized) return;
  const streamed = streamedResponse(c.res);
  if (streamed === undefined || streamed.stream.locked) return;
  c.res = undefined; // Hono would else merge the headers of both.
  c.res = new Response(bindStream(streamed.stream), streamed.init);
}
