import http, { type Agent, type ClientRequest } from 'node:http';
import https from 'node:https';
import type { AttachedHeader } from '@laneway/core';

type Headers = Record<string, unknown>;

interface HttpAgent extends Agent {
  addRequest(request: ClientRequest, options: { headers?: unknown }, ...legacy: unknown[]): void;
}

/**
 * Returns an agent that sends the handshake with the lane, and lets no redirect copy the lane.
 *
 * The client of engine.io-client's polling follows redirects to any host. It sends them without this agent and with the headers of the first
 * hop, so the lane is removed from those headers when they are written to the request.
 *
 * @param original the application's option `agent`; `false` and nothing mean an agent of each request
 * @param url the URL of the handshake
 * @param attached what `attachedHeaders` of core returns
 * @returns `original` itself when it is not an agent for `node:http`
 */
export function guardAgent(original: unknown, url: string, attached: readonly AttachedHeader[]): unknown {
  const agent = original || new (/^(https|wss):/.test(url) ? https : http).Agent();
  if (typeof (agent as HttpAgent).addRequest !== 'function') return original;
  return new Proxy<object>({}, new GuardAgent(agent as HttpAgent, attached));
}

/** Forwards everything except `addRequest` to the agent itself, which may have private members. */
class GuardAgent implements ProxyHandler<object> {
  readonly #agent: HttpAgent;
  readonly #attached: readonly AttachedHeader[];

  constructor(agent: HttpAgent, attached: readonly AttachedHeader[]) {
    this.#agent = agent;
    this.#attached = attached;
  }

  get(_: object, key: PropertyKey): unknown {
    if (key !== 'addRequest') return Reflect.get(this.#agent, key, this.#agent);
    const addRequest: HttpAgent['addRequest'] = (request, options, ...legacy) => {
      this.#detach(options.headers);
      // From here on the request has its original agent.
      (request as { agent?: unknown }).agent = this.#agent;
      this.#agent.addRequest(request, options, ...legacy);
    };
    return addRequest;
  }

  set(_: object, key: PropertyKey, value: unknown): boolean {
    return Reflect.set(this.#agent, key, value, this.#agent);
  }

  has(_: object, key: PropertyKey): boolean {
    return Reflect.has(this.#agent, key);
  }

  getPrototypeOf(): object | null {
    return Reflect.getPrototypeOf(this.#agent);
  }

  /** The request has copied its headers; this object is what a redirect copies. */
  #detach(headers: unknown): void {
    if (typeof headers !== 'object' || headers === null) return;
    for (const key of Object.keys(headers)) {
      const found = this.#attached.find(({ name }) => name === key.toLowerCase());
      if (found?.before === undefined && found !== undefined) Reflect.deleteProperty(headers, key);
      else if (found !== undefined) (headers as Headers)[key] = found.before;
    }
  }
}
