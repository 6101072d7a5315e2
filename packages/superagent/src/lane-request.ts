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

/** A request of superagent, by shape: so it fits every version. */
export interface SuperagentRequest extends EventEmitter {
  /** Makes the request of a hop, or returns the one that is made; called for each redirect and each retry. */
  request(): unknown;
  /** Sends it. */
  end(done: unknown): unknown;
  /** A header that is set. */
  get(name: string): unknown;
  set(name: string, value: unknown): unknown;
  unset(name: string): unknown;
}

/** What superagent makes for a hop: a `ClientRequest`, or with HTTP/2 an emitter of its own that keeps its headers in `_headers`. */
interface Hop extends EventEmitter, TargetOptions {
  readonly agent?: unknown;
  readonly method: string;
  readonly path: string;
  getHeader(name: string): unknown;
  setHeader(name: string, value: unknown): unknown;
}

// What a request is laned with, on the request itself: a `WeakMap` of requests costs a tenth of a call.
const LANES = Symbol('laneway.lanes');

interface Laned {
  [LANES]?: Lanes;
}

/**
 * Gives a request of superagent the lane of this moment: for each of its hops, by that hop's own destination, and for its events.
 *
 * An agent would be too early here: superagent sets the headers on a request when it is made, and has its agent, already.
 */
export function laneRequest<R extends SuperagentRequest>(request: R, lanes: Lanes): R {
  const mark = request as SuperagentRequest & Laned;
  const make = request.request;
  if (typeof make !== 'function' || mark[LANES] === lanes) return request;
  mark[LANES] = lanes;
  const call: CallLane = { lanes, lane: lanes.current() };
  const enter = snapshot();
  let last: unknown;
  let attached: readonly AttachedHeader[] = [];
  bindEmitter(request);
  request.request = function (this: R): unknown {
    detach(this, attached);
    return enter(() => {
      const hop: unknown = make.call(this);
      if (hop === last || !isHop(hop)) return hop;
      last = hop;
      attached = attachRequest(asUnsent(hop), requestTarget(hop, hop.agent), call);
      bindRequest(hop as ClientRequest);
      return hop;
    });
  };
  return request;
}

/** On a redirect, superagent sets all headers of the previous hop again, the lane's among them, as if the caller had set them. */
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
