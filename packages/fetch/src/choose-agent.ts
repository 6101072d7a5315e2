import { type HttpAgent, isAgent, laneAgent } from '@laneway/node-http';
import { lendGlobalAgent, moduleFor } from './global-agent.js';
import type { LaneCall } from './lane-call.js';

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
