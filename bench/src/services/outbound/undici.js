import { laneDispatcher } from '@laneway/undici';
import { Pool } from 'undici';
import { upstream } from '../listen.js';

const { origin, pathname: path } = new URL(upstream);

async function call(pool, headers) {
  const { body } = await pool.request({ path, method: 'GET', headers });
  return body.text();
}

export function byHand() {
  const pool = new Pool(origin);
  return (headers) => call(pool, headers);
}

export function laneway(lanes) {
  const pool = laneDispatcher(new Pool(origin), lanes);
  return () => call(pool);
}
