import http from 'node:http';
import https from 'node:https';
import { createRequire } from 'node:module';
import { loopbackLookup } from '@laneway/testing';
import nodeFetch, { Request as Request3 } from 'node-fetch';
import nodeFetch3Lowest, { Request as Request3Lowest } from 'node-fetch-3-lowest';
import * as undici from 'undici';
import { CONNECT, hasRealUndici, type Undici, undicis } from '../../undici/src/undici.contract.js';
import { loopbackFetch } from './by-hops/loopback-fetch.fixture.js';
import type { AnyFetch } from './any-fetch.fixture.js';
import { markKind } from './fetch-kind.js';

// node-fetch 2 has no types.
const require = createRequire(import.meta.url);
const nodeFetch2 = require('node-fetch-2') as { Request: unknown };
const nodeFetch2Lowest = require('node-fetch-2-lowest') as { Request: unknown };

export type { AnyFetch };

/** A client under test. */
export interface Client {
  readonly name: string;
  readonly fetch: AnyFetch;
  readonly Request: unknown;
  readonly kind: 'undici' | 'node-fetch' | 'web';
  /** Why it cannot be limited to one connection. */
  readonly unpooled?: string;
  /** Why OpenTelemetry's instrumentations do not see its requests. */
  readonly unseen?: string;
  /** Options for one kept-alive connection per origin, with every name on loopback, and how to close it. @param tls for https */
  connect(tls?: { ca: string }): { init: object; close(): Promise<void> };
}

/** Every client, in its lowest and its highest supported version. */
export const clients: readonly Client[] = [
  runtimeClient(),
  ...undicis.map(([name, version]) => undiciClient(name, version.fetch, version)),
  ...(hasRealUndici ? [] : [webClient("the fetch of Bun's undici", undici.fetch)]),
  nodeFetchClient('node-fetch 2.6.13', nodeFetch2Lowest, nodeFetch2Lowest.Request),
  nodeFetchClient('node-fetch 2', nodeFetch2, nodeFetch2.Request),
  nodeFetchClient('node-fetch 3.3.2', nodeFetch3Lowest, Request3Lowest),
  nodeFetchClient('node-fetch 3', nodeFetch, Request3),
];

/** The fetch of the runtime: Node's accepts a dispatcher of its built-in undici, others don't. */
function runtimeClient(): Client {
  const { undici: version } = process.versions;
  if (version === undefined) return webClient("the runtime's fetch", globalThis.fetch);
  const [, matching] = undicis.find(([name]) => name === `undici ${version.split('.')[0]}`) ?? undicis[0]!;
  return undiciClient(`Node's fetch (undici ${version})`, globalThis.fetch, matching);
}

function webClient(name: string, original: unknown): Client {
  const fetch = loopbackFetch(original as AnyFetch);
  markKind(fetch, 'none');
  return {
    name,
    fetch: fetch as never,
    Request,
    kind: 'web',
    unpooled: 'a web fetch has no option for the number of connections',
    unseen: 'the instrumentations see undici and node:http only',
    connect(tls) {
      const { Deno } = globalThis as { Deno?: { createHttpClient(options: object): { close(): void } } };
      const client = tls && Deno?.createHttpClient({ caCerts: [tls.ca] });
      return {
        init: { ...(client && { client }), ...(tls && { tls }) },
        close: () => Promise.resolve(client?.close()),
      };
    },
  };
}

function undiciClient(name: string, fetch: unknown, { Agent, Pool, Request }: Undici): Client {
  return {
    name,
    fetch: fetch as AnyFetch,
    Request,
    kind: 'undici',
    connect(tls) {
      // `connections: 1` alone would create a Client. Only a Pool queues requests and creates them late.
      const dispatcher = new Agent({
        // On a busy machine the connection could time out between two calls, and another lane could open the next one.
        keepAliveTimeout: 60_000,
        connect: { ...CONNECT, ...tls },
        factory: (origin, options) => new Pool(origin, Object.assign(options, { connections: 1 })),
      });
      return { init: { dispatcher }, close: () => dispatcher.close() };
    },
  };
}

function nodeFetchClient(name: string, fetch: unknown, Request: unknown): Client {
  return {
    name,
    fetch: fetch as AnyFetch,
    Request,
    kind: 'node-fetch',
    connect(tls) {
      const options = { keepAlive: true, maxSockets: 1, lookup: loopbackLookup, ...tls };
      const agent = new (tls ? https : http).Agent(options);
      return {
        init: { agent },
        close() {
          agent.destroy();
          return Promise.resolve();
        },
      };
    },
  };
}
