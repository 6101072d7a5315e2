import http, { type Agent } from 'node:http';
import https from 'node:https';
import type { HttpAgent } from './lane-agent.js';

// What stands in for a global agent, and for which.
const realAgents = new WeakMap<Agent, HttpAgent>();

/**
 * Puts an agent in the place of Node's global one for the next request to a URL, which the caller is about to make without an agent
 * of its own; synchronously, so that nobody else's request comes between. If one does, it meets the real agent.
 *
 * @returns `undefined`; the agent itself where the global one cannot be replaced
 */
export function lendGlobalAgent(
  url: URL,
  make: (globalAgent: HttpAgent) => HttpAgent,
): HttpAgent | undefined {
  const module: { globalAgent: Agent } = url.protocol === 'https:' ? https : http;
  const current = module.globalAgent;
  const real = realAgents.get(current) ?? (current as HttpAgent);
  const laned = make(real);
  const takeBack = (): void => {
    if (module.globalAgent === lent) module.globalAgent = real;
  };
  const addRequest: HttpAgent['addRequest'] = (request, options, ...legacy) => {
    if ((options as { href?: unknown }).href !== url.href)
      return real.addRequest(request, options, ...legacy);
    takeBack();
    laned.addRequest(request, options, ...legacy);
  };
  const lent = Object.create(real, { addRequest: { value: addRequest } }) as HttpAgent;
  realAgents.set(lent, real);
  try {
    module.globalAgent = lent;
  } catch {
    return laned;
  }
  // The request may fail before it reaches an agent.
  queueMicrotask(takeBack);
  return undefined;
}
