import http from 'node:http';
import https from 'node:https';
import type { Client } from '../client.js';
import type { AnyFetch } from './fetch-send.js';
import type { Undici } from './one-connection.js';

// node-fetch 2 has no types.
const importUntyped = async (name: string): Promise<unknown> =>
  ((await import(name)) as { default: unknown }).default;
const fetches = { follows: true } as const;

/** Every client of the table. A client is loaded when its turn comes, in a process of its own. */
export const clients: readonly Client[] = [
  { name: 'fetch', ...fetches, load: async () => (await import('./fetch.js')).load() },
  {
    name: 'undici 6 fetch',
    package: 'undici-6',
    ...fetches,
    load: async () =>
      (await import('./undici.js')).openFetch((await import('undici-6')) as unknown as Undici),
  },
  {
    name: 'undici 7 fetch',
    package: 'undici',
    ...fetches,
    load: async () => (await import('./undici.js')).openFetch(await import('undici')),
  },
  {
    name: 'node-fetch 2',
    package: 'node-fetch-2',
    ...fetches,
    load: async () =>
      (await import('./node-fetch.js')).openNodeFetch((await importUntyped('node-fetch-2')) as AnyFetch),
  },
  {
    name: 'node-fetch 3',
    package: 'node-fetch',
    ...fetches,
    load: async () => (await import('./node-fetch.js')).openNodeFetch((await import('node-fetch')).default),
  },
  { name: 'http', load: async () => (await import('./http.js')).openHttp(http) },
  { name: 'https', scheme: 'https', load: async () => (await import('./http.js')).openHttp(https) },
];
