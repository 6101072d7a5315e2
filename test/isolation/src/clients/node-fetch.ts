import http from 'node:http';
import { laneFetch } from '@laneway/fetch';
import type { Caller, Setup } from '../client.js';
import { type AnyFetch, fetchSend } from './fetch-send.js';

/** node-fetch, of any major version. */
export function openNodeFetch(nodeFetch: AnyFetch): (setup: Setup) => Caller {
  return ({ wrap, lookup }) => {
    const agent = new http.Agent({ keepAlive: true, maxSockets: 1, lookup });
    return { send: fetchSend(wrap(nodeFetch, laneFetch), { agent }), close: () => agent.destroy() };
  };
}
