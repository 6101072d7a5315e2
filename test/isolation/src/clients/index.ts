import type { Client } from '../client.js';
import type { AnyFetch } from './fetch-send.js';
import type { Undici } from './one-connection.js';
import type * as Openers from './undici.js';

// The types of the versions differ, and node-fetch 2 has no types.
const importAny = (name: string): Promise<unknown> => import(name);
const importDefault = async (name: string): Promise<unknown> =>
  ((await importAny(name)) as { default: unknown }).default;

/** Every client of the table. Each is loaded in its own process. */
export const clients: readonly Client[] = [
  { name: 'fetch', follows: true, load: async () => (await import('./fetch.js')).load() },
  {
    name: 'fetch (replaced)',
    follows: true,
    load: async () => (await import('./fetch.js')).loadReplaced(),
  },
  ...undiciClients(6, 'undici-6'),
  ...undiciClients(7, 'undici'),
  ...undiciClients(8, 'undici-8', 22),
  http2UndiciClient(7, 'undici'),
  http2UndiciClient(8, 'undici-8', 22),
  nodeFetchClient(2, 'node-fetch-2'),
  nodeFetchClient(3, 'node-fetch'),
  { name: 'http', load: async () => (await import('./http.js')).openHttp(await import('node:http')) },
  {
    name: 'https',
    scheme: 'https',
    load: async () => (await import('./http.js')).openHttp(await import('node:https')),
  },
  { name: 'http2', scheme: 'http2', load: async () => (await import('./http2.js')).load() },
  { name: 'axios', package: 'axios', follows: true, load: async () => (await import('./axios.js')).load() },
  gotClient(14, 'got'),
  gotClient(16, 'got-16', 22),
  http2GotClient(14, 'got'),
  http2GotClient(16, 'got-16', 22),
  {
    name: 'superagent',
    package: 'superagent',
    follows: true,
    retries: true,
    load: async () => (await import('./superagent.js')).load(),
  },
  kyClient(1, 'ky'),
  kyClient(2, 'ky-2', 22),
];

function undiciClients(major: number, name: string, minNode = 20): Client[] {
  const make = (
    title: string,
    open: Exclude<keyof typeof Openers, 'openComposed'>,
    follows = false,
  ): Client => ({
    name: `undici ${major} ${title}`,
    package: name,
    minNode,
    follows,
    load: async () => (await import('./undici.js'))[open]((await importAny(name)) as Undici),
  });
  const composed = (order: 'before' | 'after'): Client => ({
    name: `undici ${major} request (composed ${order})`,
    package: name,
    minNode,
    follows: true,
    retries: true,
    load: async () => (await import('./undici.js')).openComposed((await importAny(name)) as Undici, order),
  });
  return [
    make('fetch (Agent)', 'openFetch', true),
    make('request (global dispatcher)', 'openRequest'),
    make('stream (Pool)', 'openStream'),
    make('pipeline (Client)', 'openPipeline'),
    composed('before'),
    composed('after'),
  ];
}

function http2UndiciClient(major: number, name: string, minNode = 20): Client {
  return {
    name: `undici ${major} request (HTTP/2)`,
    package: name,
    minNode,
    scheme: 'https2',
    load: async () => (await import('./undici-http2.js')).openHttp2((await importAny(name)) as Undici),
  };
}

/** got has no adapter for HTTP/2, so its calls carry no lane there. */
function http2GotClient(major: number, name: string, minNode = 20): Client {
  return {
    ...gotClient(major, name, minNode),
    name: `got ${major} (HTTP/2)`,
    scheme: 'https2',
    carries: false,
    // Node's servers close a session after a thousand reset streams, which aborted calls cause, and got cannot open another session.
    mostCalls: 4000,
    load: async () => (await import('./got.js')).openHttp2Got((await importDefault(name)) as never),
  };
}

function nodeFetchClient(major: number, name: string): Client {
  return {
    name: `node-fetch ${major}`,
    package: name,
    follows: true,
    load: async () =>
      (await import('./node-fetch.js')).openNodeFetch((await importDefault(name)) as AnyFetch),
  };
}

function gotClient(major: number, name: string, minNode = 20): Client {
  return {
    name: `got ${major}`,
    package: name,
    minNode,
    follows: true,
    retries: true,
    load: async () => (await import('./got.js')).openGot((await importDefault(name)) as never),
  };
}

function kyClient(major: number, name: string, minNode = 20): Client {
  return {
    name: `ky ${major}`,
    package: name,
    minNode,
    follows: true,
    retries: true,
    load: async () =>
      (await import('./ky.js')).openKy(
        (await importDefault(name)) as never,
        await (await import('./fetch.js')).builtInUndici(),
      ),
  };
}
