import { laneFetch } from '@laneway/fetch';
import type { Client } from '../client.js';
import { fetchSend } from './fetch-send.js';
import { oneConnection, type Undici } from './one-connection.js';

/** Node's own fetch; its connections are counted by a dispatcher of the undici that it is built with. */
export const load: Client['load'] = async () => {
  const own = Number(process.versions.undici?.split('.')[0]);
  const undici = (await (own > 7
    ? import('undici-8')
    : own > 6
      ? import('undici')
      : import('undici-6'))) as Undici;
  return (setup) => {
    const dispatcher = oneConnection(undici, setup);
    const fetch = setup.wrap(globalThis.fetch, laneFetch);
    return { send: fetchSend(fetch, { dispatcher }), close: () => dispatcher.destroy() };
  };
};
