import { instrumentHttp } from '@laneway/instrument';
import { byHand as byHandFetch } from './fetch.js';
import { upstream } from '../listen.js';

export const byHand = byHandFetch;

export function laneway(lanes) {
  instrumentHttp(lanes);
  return async () => (await fetch(upstream)).text();
}
