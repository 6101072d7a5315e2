import http from 'node:http';
import https from 'node:https';
import { callAgent, type CallLane } from '@laneway/node-http';

/** node-fetch's option `agent` as a function: called for each hop with its URL. */
export type ChooseAgent = (url: URL) => unknown;

/**
 * Returns the option `agent` of one node-fetch call: for each hop, an agent that attaches the caller's lane and otherwise behaves like
 * the agent that the hop would have had.
 *
 * @param original the caller's option: an agent, a function, or nothing
 */
export function chooseAgent(call: CallLane, original: unknown): ChooseAgent {
  return (url) => {
    const agent: unknown = typeof original === 'function' ? (original as ChooseAgent)(url) : original;
    return callAgent(agent, url.protocol === 'https:' ? https : http, call);
  };
}
