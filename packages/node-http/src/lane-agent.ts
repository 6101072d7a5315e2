import type { Agent, ClientRequest } from 'node:http';
import { type LaneContext, type Lanes, snapshot } from '@laneway/core';
import { attachRequest } from './attach-request.js';
import { bindRequest } from './bind-request.js';
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
    attachRequest(request, requestTarget(options, agent), call);
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

/** Whether it is an agent, as `http.request` uses it. */
export function isAgent(value: unknown): value is HttpAgent {
  return typeof (value as HttpAgent | null | undefined)?.addRequest === 'function';
}
