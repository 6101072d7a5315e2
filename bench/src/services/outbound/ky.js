import { laneKy } from '@laneway/ky';
import ky from 'ky';
import { upstream } from '../listen.js';

export const byHand = () => (headers) => ky.get(upstream, { headers }).text();

export function laneway(lanes) {
  const client = laneKy(ky, lanes);
  return () => client.get(upstream).text();
}
