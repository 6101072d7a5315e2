import { Agent } from 'node:http';
import { laneFetch } from '@laneway/fetch';
import fetch from 'node-fetch';
import { upstream } from '../listen.js';

const agent = new Agent({ keepAlive: true });

export const byHand = () => async (headers) => (await fetch(upstream, { agent, headers })).text();

export function laneway(lanes) {
  const wrapped = laneFetch(fetch, lanes);
  return async () => (await wrapped(upstream, { agent })).text();
}
