import type http from 'node:http';
import type https from 'node:https';
import type { CallLane } from './call-lane.js';
import { type HttpAgent, isAgent, laneAgentFor } from './lane-agent.js';

/**
 * The agent that a client over `node:http` is handed for one call: it attaches the lane to each of the call's requests, and then is
 * the agent that they would have had without us.
 *
 * @param own what the caller said: an agent, `false` for none, or nothing
 * @param module the one that the request is made with, `node:http` or `node:https`
 * @returns what the caller said, where that is no agent: Node has an error of its own for it
 */
export function callAgent(own: unknown, module: typeof http | typeof https, call: CallLane): unknown {
  const agent = agentFor(own, module);
  return agent === undefined ? own : laneAgentFor(own, agent, call);
}

/** The agent that Node would use. */
function agentFor(own: unknown, module: typeof http | typeof https): HttpAgent | undefined {
  if (isAgent(own)) return own;
  // Node makes one for this request alone, which closes its connection.
  if (own === false) return new module.Agent() as HttpAgent;
  return own === undefined || own === null ? (module.globalAgent as HttpAgent) : undefined;
}
