import type { Agent, ClientRequest } from 'node:http';
import { requestTarget, type TargetOptions } from '@laneway/node-http';
import { replaceFlushedHeaders } from './flushed-headers.js';
import { lendGlobalAgent, moduleFor } from './global-agent.js';
import type { LaneCall } from './lane-call.js';

/** An agent as `http.request` uses it. */
export interface HttpAgent extends Agent {
  addRequest(request: ClientRequest, options: TargetOptions, ...legacy: unknown[]): void;
}

/** node-fetch's option `agent` as a function: called for each hop with its URL. */
export type ChooseAgent = (url: URL) => unknown;

/**
 * The option `agent` of one node-fetch call: for each hop an agent that attaches the caller's lane, and then is the agent that the
 * hop would have had without us.
 *
 * @param own the caller's own option: an agent, a function, or nothing
 */
export function chooseAgent(call: LaneCall, own: unknown): ChooseAgent {
  return (url) => {
    const agent: unknown = typeof own === 'function' ? (own as ChooseAgent)(url) : own;
    if (isAgent(agent)) return laneAgent(agent, call);
    // Node makes an agent for this one request, which closes its connection.
    if (agent === false) return laneAgent(new (moduleFor(url).Agent)() as HttpAgent, call);
    // Node has an error of its own for what is no agent.
    if (agent) return agent;
    if (call.client.leavesConnection) return laneAgent(moduleFor(url).globalAgent as HttpAgent, call);
    // No agent must stay no agent: until 2.6.12 and 3.3.1, node-fetch then sends `Connection: close`.
    const lent = lendGlobalAgent(
      url,
      (globalAgent) => laneAgent(globalAgent, call),
      (leavesConnection) => {
        call.client.leavesConnection = leavesConnection;
      },
    );
    return lent ?? agent;
  };
}

/**
 * An agent that attaches a lane to each request, and leaves everything else to the agent it is made from.
 *
 * The events of the request need no binding: node-fetch keeps them to itself, and Node parses a response, and ends a body, in the
 * context of its request.
 */
export function laneAgent(agent: HttpAgent, call: LaneCall): HttpAgent {
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

function attachToRequest(request: ClientRequest, to: string | undefined, { lanes, lane }: LaneCall): void {
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

function isAgent(value: unknown): value is HttpAgent {
  return typeof (value as HttpAgent | null | undefined)?.addRequest === 'function';
}
