import type http from 'node:http';
import type https from 'node:https';
import type { CallLane } from './call-lane.js';
import { type HttpAgent, isAgent, laneAgent } from './lane-agent.js';

/**
 * Returns the agent of one call, for a client over `node:http`. It attaches the lane to each request of the call, and otherwise behaves like
 * the agent that the request would have without Laneway.
 *
 * @param original the caller's option: an agent, `false` for none, or nothing
 * @param module the module that sends the request, `node:http` or `node:https`
 * @returns `original` itself when it is not a valid option, so that Node rejects it
 */
export function callAgent(original: unknown, module: typeof http | typeof https, call: CallLane): unknown {
  const agent = agentFor(original, module);
  return agent === undefined ? original : laneAgent(original, agent, call);
}

/** Returns the agent that Node would use. */
function agentFor(original: unknown, module: typeof http | typeof https): HttpAgent | undefined {
  if (isAgent(original)) return original;
  // For `false` Node creates an agent for one request, which closes its connection.
  if (original === false) return new module.Agent() as HttpAgent;
  return original === undefined || original === null ? (module.globalAgent as HttpAgent) : undefined;
}
