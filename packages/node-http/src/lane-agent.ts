import type { Agent, ClientRequest } from 'node:http';
import { snapshot } from '@laneway/core';
import { attachRequest } from './attach-request.js';
import { bindRequest } from './bind-request.js';
import type { CallLane } from './call-lane.js';
import { requestTarget, type TargetOptions } from './request-target.js';

// A registered symbol, so that two copies of this package recognize each other's agents.
const ORIGINAL = Symbol.for('laneway.original-agent.1');

/** An agent as `http.request` uses it. */
export interface HttpAgent extends Agent {
  addRequest(request: ClientRequest, options: TargetOptions, ...legacy: unknown[]): void;
}

/**
 * Returns an agent that attaches the lane of one call to each of its requests, if egress allows their destination. The agent that was passed
 * does everything else.
 *
 * For clients over `node:http` that follow redirects and retry themselves, in any context: each hop uses the agent. The client's headers are
 * not changed, so the lane is not copied to the next hop. Listeners of the requests and their responses run in the caller's context.
 *
 * @param original the caller's option, which {@link originalAgent} returns
 */
export function laneAgent(original: unknown, agent: HttpAgent, call: CallLane): HttpAgent {
  // Not `Object.create(agent)`: V8 deoptimizes prototypes whose fields change.
  return new Proxy<object>({}, new LaneAgent(agent, call, original)) as HttpAgent;
}

/** Returns the caller's option for an agent of {@link laneAgent}; any other value unchanged. For clients that reuse the options of a call. */
export function originalAgent(agent: unknown): unknown {
  if (typeof agent !== 'object' || agent === null || !(ORIGINAL in agent)) return agent;
  return agent[ORIGINAL];
}

/** Forwards everything except `addRequest` to the agent itself, which may have private members and counts its sockets. */
class LaneAgent implements ProxyHandler<object> {
  readonly #agent: HttpAgent;
  readonly #call: CallLane;
  readonly #original: unknown;
  readonly #enter: ReturnType<typeof snapshot> = snapshot();

  constructor(agent: HttpAgent, call: CallLane, original: unknown) {
    this.#agent = agent;
    this.#call = call;
    this.#original = original;
  }

  get(_: object, key: PropertyKey): unknown {
    if (key === ORIGINAL) return this.#original;
    if (key !== 'addRequest') return Reflect.get(this.#agent, key, this.#agent);
    const addRequest: HttpAgent['addRequest'] = (...args) => this.#addRequest(...args);
    return addRequest;
  }

  set(_: object, key: PropertyKey, value: unknown): boolean {
    return Reflect.set(this.#agent, key, value, this.#agent);
  }

  has(_: object, key: PropertyKey): boolean {
    return key === ORIGINAL || Reflect.has(this.#agent, key);
  }

  getPrototypeOf(): object | null {
    return Reflect.getPrototypeOf(this.#agent);
  }

  #addRequest(...args: Parameters<HttpAgent['addRequest']>): void {
    const [request, options] = args;
    attachRequest(request, requestTarget(options, this.#agent), this.#call);
    this.#enter(bindRequest, request);
    // From here on the request has its original agent.
    (request as { agent?: unknown }).agent = this.#agent;
    this.#agent.addRequest(...args);
  }
}

/** Whether a value is an agent that `http.request` can use. */
export function isAgent(value: unknown): value is HttpAgent {
  return typeof (value as HttpAgent | null | undefined)?.addRequest === 'function';
}
