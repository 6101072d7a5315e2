import { laneFetch } from '@laneway/fetch';
import type { Caller, Setup } from '../client.js';
import { fetchSend } from './fetch-send.js';
import { oneConnection, type Undici } from './one-connection.js';

/** undici's fetch, with an Agent of Pools. */
export function openFetch(undici: Undici): (setup: Setup) => Caller {
  return (setup) => {
    const dispatcher = oneConnection(undici, setup);
    const fetch = setup.wrap(undici.fetch, laneFetch);
    return { send: fetchSend(fetch, { dispatcher }), close: () => dispatcher.destroy() };
  };
}
