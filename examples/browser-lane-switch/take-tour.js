import { laneFetch } from '@laneway/fetch';
import { lanes } from './lanes.js';

const { SERVICE, VERSION, STOCK_URL } = process.env;
const fetch = laneFetch(globalThis.fetch, lanes);

/** Calls `stock`, and returns which versions answered and the lane in which this service ran. */
export async function takeTour() {
  const hops = [{ service: SERVICE, version: VERSION }];
  try {
    const response = await fetch(STOCK_URL);
    hops.push(await response.json());
  } catch (error) {
    console.error('stock did not answer:', error);
  }
  return { lane: lanes.current().name ?? null, hops };
}
