import http, { type Agent } from 'node:http';
import https from 'node:https';
import type { HttpAgent } from '@laneway/node-http';

// What stands in for a global agent, and for which.
const realAgents = new WeakMap<Agent, HttpAgent>();

/**
 * Puts an agent in the place of Node's global one for the next request to a URL, which the caller is about to make without an agent
 * of its own; synchronously, so that nobody else's request comes between. If one does, it meets the real agent.
 *
 * @param seen told whether that request left the header `Connection` to Node
 * @returns `undefined`; the agent itself where the global one cannot be replaced
 */
export function lendGlobalAgent(
  url: URL,
  make: (globalAgent: HttpAgent) => HttpAgent,
  seen: (leavesConnection: boolean) => void,
): HttpAgent | undefined {
  const module = moduleFor(url);
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
    seen(!request.hasHeader('connection'));
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

/** Node's module for a URL. */
export function moduleFor({ protocol }: URL): { globalAgent: Agent; Agent: typeof Agent } {
  return protocol === 'https:' ? https : http;
}
