import { Agent } from 'node:http';
import { laneGot } from '@laneway/got';
import { got } from 'got';
import { upstream } from '../listen.js';

const create = () => got.extend({ agent: { http: new Agent({ keepAlive: true }) } });

export function byHand() {
  const client = create();
  return (headers) => client.get(upstream, { headers }).text();
}

export function laneway(lanes) {
  const client = laneGot(create(), lanes);
  return () => client.get(upstream).text();
}
