import type { Agent, ClientRequest } from 'node:http';
import { type LaneContext, type Lanes, snapshot } from '@laneway/core';
import { bindRequest } from './bind-request.js';
import { replaceFlushedHeaders } from './flushed-headers.js';
import { type SentHeaders, withoutInjectedBaggage } from './injected-baggage.js';
import { forwardTarget, requestTarget, type TargetOptions } from './request-target.js';

/** An agent as `http.request` uses it. */
export interface HttpAgent extends Agent {
  addRequest(request: ClientRequest, options: TargetOptions, ...legacy: unknown[]): void;
}

/** What a call takes with it to each of its hops. */
export interface CallLane {
  readonly lanes: Lanes;
  /** The lane of the code that called. */
  readonly lane: LaneContext;
  /** The `baggage` header that the caller set: put back where OpenTelemetry's instrumentation overwrote it. */
  readonly baggage?: unknown;
}

/**
 * An agent that attaches the lane of one call to each of its requests, and leaves everything else to the agent it is made from.
 *
 * For clients over `node:http` that follow redirects and retry by themselves, late and from anywhere: each hop asks the agent, by
 * which it is judged. The headers of a client are not touched, so a hop's lane is not copied to the next one. The events of the
 * requests and of their responses are those of the code that called, whoever opened the connection.
 *
 * The floor under every outbound adapter of such a client.
 */
export function laneAgent(agent: HttpAgent, call: CallLane): HttpAgent {
  const enter = snapshot();
  const addRequest: HttpAgent['addRequest'] = (request, options, ...legacy) => {
    attachToRequest(request, requestTarget(options, agent), call);
    enter(bindRequest, request);
    // From here on it is the agent of the request, as if we had never been there.
    Object.assign(request, { agent });
    agent.addRequest(request, options, ...legacy);
  };
  // Getters and setters run on the agent itself, as it may have private members, and keeps count of its sockets.
  return new Proxy(Object.create(agent) as HttpAgent, {
    get: (_, key) => (key === 'addRequest' ? addRequest : (Reflect.get(agent, key, agent) as unknown)),
    set: (_, key, value) => Reflect.set(agent, key, value, agent),
  });
}

function attachToRequest(request: ClientRequest, to: string | undefined, call: CallLane): void {
  const sent: SentHeaders = request.getHeaders();
  const headers = withoutInjectedBaggage(sent, call.baggage);
  const laned = to === undefined ? headers : attachToHop(headers, to, request, call);
  if (laned === sent) return;
  const changed = Object.entries(laned).filter(([name, value]) => value !== sent[name]);
  const setHeaders = (): void => {
    if (sent.baggage !== undefined && laned.baggage === undefined) request.removeHeader('baggage');
    for (const [name, value] of changed) request.setHeader(name, value as string | string[]);
  };
  if (request.headersSent) replaceFlushedHeaders(request, setHeaders);
  else setHeaders();
}

function attachToHop(
  headers: SentHeaders,
  to: string,
  hop: ClientRequest,
  { lanes, lane }: CallLane,
): SentHeaders {
  const beyond = forwardTarget(hop);
  // Both the proxy and what it is asked for must be allowed: neither may see the lane else.
  if (beyond !== undefined && lanes.attach(headers, { to: beyond, lane }) === headers) return headers;
  return lanes.attach(headers, { to, lane });
}

/** Whether it is an agent, as `http.request` uses it. */
export function isAgent(value: unknown): value is HttpAgent {
  return typeof (value as HttpAgent | null | undefined)?.addRequest === 'function';
}
