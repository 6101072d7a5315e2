import { Agent } from 'node:http';
import { laneAxios } from '@laneway/axios';
import axios from 'axios';
import { upstream } from '../listen.js';

const create = () => axios.create({ httpAgent: new Agent({ keepAlive: true }) });

export function byHand() {
  const client = create();
  return async (headers) => (await client.get(upstream, { headers })).data;
}

export function laneway(lanes) {
  const client = laneAxios(create(), lanes);
  return async () => (await client.get(upstream)).data;
}
