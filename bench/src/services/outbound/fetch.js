import { laneFetch } from '@laneway/fetch';
import { upstream } from '../listen.js';

export const byHand = () => async (headers) => (await fetch(upstream, { headers })).text();

export function laneway(lanes) {
  const wrapped = laneFetch(fetch, lanes);
  return async () => (await wrapped(upstream)).text();
}
