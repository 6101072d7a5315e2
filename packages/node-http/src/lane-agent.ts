import type { Agent, ClientRequest } from 'node:http';
import { snapshot } from '@laneway/core';
import { attachRequest } from './attach-request.js';
import { bindRequest } from './bind-request.js';
import type { CallLane } from './call-lane.js';
import { requestTarget, type TargetOptions } from './request-target.js';

// Registered: two copies of this package know each other's agents.
const SAID = Symbol.for('laneway.said.1');

/** An agent as `http.request` uses it. */
export interface HttpAgent extends Agent {
  addRequest(request: ClientRequest, options: TargetOptions, ...legacy: unknown[]): void;
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
  return laneAgentFor(agent, agent, call);
}

/**
 * The same.
 *
 * @param said what the caller said in the place of the agent
 */
export function laneAgentFor(said: unknown, agent: HttpAgent, call: CallLane): HttpAgent {
  // Not an object made from the agent: V8 handles what others are made from as a class, whose fields had better not change.
  return new Proxy<object>({}, new LaneAgent(agent, call, said)) as HttpAgent;
}

/** What the caller said, where that is an agent made by {@link laneAgent}: for clients that use the options of a call again. */
export function originalAgent(agent: unknown): unknown {
  if (typeof agent !== 'object' || agent === null || !(SAID in agent)) return agent;
  return agent[SAID];
}

/** All but `addRequest` is the agent's, on the agent itself: it may have private members, and it keeps count of its sockets. */
class LaneAgent implements ProxyHandler<object> {
  readonly #agent: HttpAgent;
  readonly #call: CallLane;
  readonly #said: unknown;
  readonly #enter: ReturnType<typeof snapshot> = snapshot();

  constructor(agent: HttpAgent, call: CallLane, said: unknown) {
    this.#agent = agent;
    this.#call = call;
    this.#said = said;
  }

  get(_: object, key: PropertyKey): unknown {
    if (key === SAID) return this.#said;
    if (key !== 'addRequest') return Reflect.get(this.#agent, key, this.#agent);
    const addRequest: HttpAgent['addRequest'] = (...args) => this.#addRequest(...args);
    return addRequest;
  }

  set(_: object, key: PropertyKey, value: unknown): boolean {
    return Reflect.set(this.#agent, key, value, this.#agent);
  }

  has(_: object, key: PropertyKey): boolean {
    return key === SAID || Reflect.has(this.#agent, key);
  }

  getPrototypeOf(): object | null {
    return Reflect.getPrototypeOf(this.#agent);
  }

  #addRequest(...args: Parameters<HttpAgent['addRequest']>): void {
    const [request, options] = args;
    attachRequest(request, requestTarget(options, this.#agent), this.#call);
    this.#enter(bindRequest, request);
    // From here on it is the agent of the request, as if we had never been there.
    (request as { agent?: unknown }).agent = this.#agent;
    this.#agent.addRequest(...args);
  }
}

/** Whether it is an agent, as `http.request` uses it. */
export function isAgent(value: unknown): value is HttpAgent {
  return typeof (value as HttpAgent | null | undefined)?.addRequest === 'function';
}
