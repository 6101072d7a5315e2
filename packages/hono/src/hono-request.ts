import { EventEmitter } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { BASELINE, type Lanes } from '@laneway/core';
import { bindEmitter, enterRequest, isBound, lanesOf, runBound, warnOfSecondLanes } from '@laneway/node-http';
import type { Context } from 'hono';

/** What `@hono/node-server` puts into `c.env`. */
interface NodeEnvironment {
  readonly incoming: IncomingMessage;
  readonly outgoing: ServerResponse;
}

// The request of each context, once it was entered: that of Node, or an emitter that stands for a web request and is never used as one.
const requests = new WeakMap<Context, EventEmitter>();
const standIns = new WeakMap<Request, EventEmitter>();

/** The request that a context was entered with; `undefined` when it was not. */
export function requestOf(c: Context): EventEmitter | undefined {
  return requests.get(c);
}

/** Runs `fn` in the lane of a request, which is captured once: an adapter behind the first one runs `fn` where the request is by then. */
export function enterHonoRequest<T>(lanes: Lanes, c: Context, fn: () => T): T {
  const node = nodeEnvironment(c);
  if (node === undefined) return enterWebRequest(lanes, c, fn);
  const { incoming, outgoing } = node;
  const isFirst = !isBound(incoming);
  requests.set(c, incoming);
  return enterRequest(lanes, incoming, outgoing, () => {
    // The request of Node is stripped already, where it had to be.
    if (isFirst && lanes.policy.trust !== 'all' && lanes.strip(incoming.headers) === incoming.headers)
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

function enterWebRequest<T>(lanes: Lanes, c: Context, fn: () => T): T {
  // Another application may have passed its request to this one.
  const entered = requests.get(c) ?? standIns.get(c.req.raw);
  if (entered === undefined) return runWebRequest(lanes, c, fn);
  requests.set(c, entered);
  const first = lanesOf(entered);
  if (first !== undefined && first !== lanes) warnOfSecondLanes(first, lanes);
  return runBound(entered, fn);
}

function runWebRequest<T>(lanes: Lanes, c: Context, fn: () => T): T {
  const lane = lanes.capture(c.req.raw.headers, { request: c.req.raw });
  const enter = (): T => {
    if (lanes.policy.trust !== 'all' && lane === BASELINE) stripRequest(lanes, c);
    const standIn = new EventEmitter();
    bindEmitter(standIn).place.lanes = lanes;
    requests.set(c, standIn);
    standIns.set(c.req.raw, standIn);
    return fn();
  };
  return lanes.run(lane, enter, {});
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
