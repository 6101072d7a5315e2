import type { Agent, ClientRequest } from 'node:http';
import type { LaneContext, Lanes } from '@laneway/core';
import { replaceFlushedHeaders } from './flushed-headers.js';
import { requestTarget, type TargetOptions } from './request-target.js';

/** An agent as `http.request` uses it. */
export interface HttpAgent extends Agent {
  addRequest(request: ClientRequest, options: TargetOptions, ...legacy: unknown[]): void;
}

/** What a call takes with it to each of its hops. */
export interface CallLane {
  readonly lanes: Lanes;
  /** The lane of the code that called. */
  readonly lane: LaneContext;
}

/**
 * An agent that attaches the lane of one call to each of its requests, and leaves everything else to the agent it is made from.
 *
 * For clients over `node:http` that follow redirects by themselves, late and from anywhere: each hop asks the agent, by which it is
 * judged. The events of the requests are not bound: Node parses a response, and ends a body, in the context of its request.
 *
 * The floor under every outbound adapter of such a client.
 */
export function laneAgent(agent: HttpAgent, call: CallLane): HttpAgent {
  const addRequest: HttpAgent['addRequest'] = (request, options, ...legacy) => {
    attachToRequest(request, requestTarget(options, agent), call);
    // From here on it is the agent of the request, as if we had never been there.
    Object.assign(request, { agent });
    agent.addRequest(request, options, ...legacy);
  };
  // Getters run on the agent itself, as it may have private members.
  return new Proxy(Object.create(agent) as HttpAgent, {
    get: (_, key) => (key === 'addRequest' ? addRequest : (Reflect.get(agent, key, agent) as unknown)),
  });
}

function attachToRequest(request: ClientRequest, to: string | undefined, { lanes, lane }: CallLane): void {
  if (to === undefined) return;
  const headers: Record<string, unknown> = request.getHeaders();
  const laned = lanes.attach(headers, { to, lane });
  if (laned === headers) return;
  const changed = Object.entries(laned).filter(([name, value]) => value !== headers[name]);
  const setHeaders = (): void => {
    for (const [name, value] of changed) request.setHeader(name, String(value));
  };
  if (request.headersSent) replaceFlushedHeaders(request, setHeaders);
  else setHeaders();
}

/** Whether it is an agent, as `http.request` uses it. */
export function isAgent(value: unknown): value is HttpAgent {
  return typeof (value as HttpAgent | null | undefined)?.addRequest === 'function';
}
