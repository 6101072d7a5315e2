import { EventEmitter } from 'node:events';
import type { ClientRequest } from 'node:http';
import { type AttachedHeader, type Lanes, snapshot } from '@laneway/core';
import {
  attachRequest,
  bindEmitter,
  bindRequest,
  type CallLane,
  requestTarget,
  type TargetOptions,
  type UnsentRequest,
} from '@laneway/node-http';

/** The part of a superagent request that Laneway uses. It fits every version. */
export interface SuperagentRequest extends EventEmitter {
  /** Creates the request of a hop, or returns the existing one. superagent calls it for each redirect and retry. */
  request(): unknown;
  /** Sends the request. */
  end(done: unknown): unknown;
  /** Returns a header that was set. */
  get(name: string): unknown;
  set(name: string, value: unknown): unknown;
  unset(name: string): unknown;
}

/** The request of a hop: a `ClientRequest`, or with HTTP/2 superagent's own emitter, which stores its headers in `_headers`. */
interface Hop extends EventEmitter, TargetOptions {
  readonly agent?: unknown;
  readonly method: string;
  readonly path: string;
  getHeader(name: string): unknown;
  setHeader(name: string, value: unknown): unknown;
}

// The lanes of a wrapped request, on the request itself: a `WeakMap` of requests would cost a tenth of a call.
const LANES = Symbol('laneway.lanes');

interface Marked {
  [LANES]?: Lanes;
}

/**
 * Wraps a request of superagent, and returns it: each hop carries the current lane if egress allows its destination, and its events run in
 * the current context.
 *
 * Not with an agent: Node calls the agent when it creates a request, but superagent sets the headers after that.
 */
export function laneRequest<R extends SuperagentRequest>(request: R, lanes: Lanes): R {
  const marked = request as SuperagentRequest & Marked;
  const original = request.request;
  if (typeof original !== 'function' || marked[LANES] === lanes) return request;
  marked[LANES] = lanes;
  const call: CallLane = { lanes, lane: lanes.current() };
  const enter = snapshot();
  let last: unknown;
  let attached: readonly AttachedHeader[] = [];
  bindEmitter(request);
  request.request = function (this: R): unknown {
    detach(this, attached);
    return enter(() => {
      const hop: unknown = original.call(this);
      if (hop === last || !isHop(hop)) return hop;
      last = hop;
      attached = attachRequest(asUnsent(hop), requestTarget(hop, hop.agent), call);
      bindRequest(hop as ClientRequest);
      return hop;
    });
  };
  return request;
}

/** Removes the lane of the previous hop. On a redirect, superagent copies all headers of that hop as if the caller had set them. */
function detach(request: SuperagentRequest, attached: readonly AttachedHeader[]): void {
  for (const { name, before, after } of attached) {
    if (request.get(name) !== after) continue;
    if (before === undefined) request.unset(name);
    else request.set(name, before);
  }
}

function isHop(value: unknown): value is Hop {
  return value instanceof EventEmitter && typeof (value as Partial<Hop>).setHeader === 'function';
}

function asUnsent(hop: Hop): UnsentRequest {
  if ('headersSent' in hop) return hop as unknown as UnsentRequest;
  const unsent = {
    method: hop.method,
    path: hop.path,
    headersSent: false,
    getHeader: (name: string) => hop.getHeader(name),
    setHeader: (name: string, value: unknown) => hop.setHeader(name, value),
  };
  return unsent as unknown as UnsentRequest;
}
