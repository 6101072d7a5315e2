import { Agent } from 'node:http';
import { laneSuperagent } from '@laneway/superagent';
import superagent from 'superagent';
import { upstream } from '../listen.js';

const agent = new Agent({ keepAlive: true });

export const byHand = () => async (headers) =>
  (await superagent.get(upstream).agent(agent).set(headers)).text;

export function laneway(lanes) {
  const client = laneSuperagent(superagent, lanes);
  return async () => (await client.get(upstream).agent(agent)).text;
}
