import { laneFetch } from '@laneway/fetch';
import { upstream } from '../listen.js';

export const byHand = () => async (headers) => (await fetch(upstream, { headers })).text();

export function laneway(lanes) {
  const laned = laneFetch(fetch, lanes);
  return async () => (await laned(upstream)).text();
}
