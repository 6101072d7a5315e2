import { EventEmitter } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { BASELINE, type Lanes } from '@laneway/core';
import { bindEmitter, enterRequest, isBound, lanesOf, runBound, warnOfSecondLanes } from '@laneway/node-http';
import type { Context } from 'hono';

/** The value of `c.env` with `@hono/node-server`. */
interface NodeEnvironment {
  readonly incoming: IncomingMessage;
  readonly outgoing: ServerResponse;
}

// The request of each context that entered its lane. An emitter stands in for a web request, because Laneway binds lanes to emitters.
const requests = new WeakMap<Context, EventEmitter>();
const standIns = new WeakMap<Request, EventEmitter>();

/** Returns the request of a context that entered its lane, else `undefined`. */
export function requestOf(c: Context): EventEmitter | undefined {
  return requests.get(c);
}

/** Runs `fn` in the lane of a request. The first call captures the lane. Later calls run `fn` in the current lane of the request. */
export function enterHonoRequest<T>(lanes: Lanes, c: Context, fn: () => T): T {
  const node = nodeEnvironment(c);
  if (node === undefined) return enterWebRequest(lanes, c, fn);
  const { incoming, outgoing } = node;
  const isFirst = !isBound(incoming);
  requests.set(c, incoming);
  return enterRequest(lanes, incoming, outgoing, () => {
    // `enterRequest` removed the lane headers of an untrusted sender from Node's request. The web request may have copied them before.
    if (isFirst && lanes.policy.trust !== 'all' && lanes.strip(incoming.headers) === incoming.headers)
      stripRequest(lanes, c);
    return fn();
  });
}

/** Returns `undefined` on other servers, and in tests with `app.request()`. */
function nodeEnvironment(c: Context): NodeEnvironment | undefined {
  const env = c.env as Partial<NodeEnvironment> | undefined;
  const isNode = typeof env?.incoming?.emit === 'function' && typeof env.outgoing?.emit === 'function';
  return isNode ? (env as NodeEnvironment) : undefined;
}

function enterWebRequest<T>(lanes: Lanes, c: Context, fn: () => T): T {
  // Another application may have passed its request to this one after it entered the lane.
  const entered = requests.get(c) ?? standIns.get(c.req.raw);
  if (entered === undefined) return runWebRequest(lanes, c, fn);
  requests.set(c, entered);
  const first = lanesOf(entered);
  if (first !== undefined && first !== lanes) warnOfSecondLanes(first, lanes);
  return runBound(entered, fn);
}

function runWebRequest<T>(lanes: Lanes, c: Context, fn: () => T): T {
  const lane = lanes.capture(c.req.raw.headers, { request: c.req.raw, url: c.req.raw.url });
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

/** Removes the lane headers of an untrusted sender, so that code that copies the request's headers does not forward them. */
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
    // The headers of a request may be immutable (Fetch, section 5.1).
    c.req.raw = new Request(raw, { headers: kept });
  }
}
