import http from 'node:http';
import { createRequire } from 'node:module';
import { laneOf, loopbackLookup } from '@laneway/testing';
import axios from 'axios';
import axios112 from 'axios-1-12';
import axiosLowest from 'axios-lowest';
import * as undici from 'undici';
import * as undici6 from 'undici-6';

/** What the tests use of a configuration. */
export type AnyConfig = Record<string, unknown>;

/** What the tests use of a response. */
export interface AnyResponse {
  readonly status: number;
  readonly data: unknown;
  readonly config: AnyConfig;
}

/** What the tests use of the interceptors of one kind. */
export interface AnyInterceptors {
  use(fulfilled?: (value: never) => unknown, rejected?: (error: never) => unknown, options?: object): number;
  eject(id: number): void;
}

/** Any axios under test. The types of the versions differ only where these tests don't look. */
export interface AnyAxios {
  (url: string | AnyConfig, config?: AnyConfig): Promise<AnyResponse>;
  readonly get: (url: string, config?: AnyConfig) => Promise<AnyResponse>;
  readonly post: (url: string, data?: unknown, config?: AnyConfig) => Promise<AnyResponse>;
  readonly request: (config: AnyConfig) => Promise<AnyResponse>;
  readonly defaults: AnyConfig;
  readonly interceptors: { readonly request: AnyInterceptors; readonly response: AnyInterceptors };
  create(config?: AnyConfig): AnyAxios;
  getUri(config?: AnyConfig): string;
}

/** An axios under test. */
export interface Client {
  readonly name: string;
  readonly axios: AnyAxios;
  /** Optional features: the adapter `fetch` with the option `env.fetch`, and HTTP/2. */
  readonly has: readonly ('fetch' | 'http2')[];
}

const require = createRequire(import.meta.url);
const cjs = require('axios') as unknown;

/** The lowest and the highest supported version of axios, and one in between. */
export const clients: readonly Client[] = [
  { name: 'axios 1.0', axios: axiosLowest as unknown as AnyAxios, has: [] },
  { name: 'axios 1.12', axios: axios112 as unknown as AnyAxios, has: ['fetch'] },
  { name: 'axios 1', axios: axios as unknown as AnyAxios, has: ['fetch', 'http2'] },
  { name: 'axios 1, CommonJS', axios: cjs as AnyAxios, has: ['fetch', 'http2'] },
];

/** Options for one kept-alive connection per origin, with every name on loopback, and how to close it. */
export function connect(): { readonly config: { readonly httpAgent: http.Agent }; close(): Promise<void> } {
  const httpAgent = new http.Agent({ keepAlive: true, maxSockets: 1, lookup: loopbackLookup });
  return { config: { httpAgent }, close: () => Promise.resolve(httpAgent.destroy()) };
}

// Node's fetch accepts a dispatcher of the major version of its built-in undici.
const { Agent, Pool } = (
  Number(process.versions.undici?.split('.')[0]) > 6 ? undici : undici6
) as typeof undici;

/** Like {@link connect}, for the adapter `fetch`. */
export function connectFetch(): { readonly config: AnyConfig; close(): Promise<void> } {
  const dispatcher = new Agent({
    connect: { lookup: loopbackLookup },
    factory: (origin: string | URL, options: object) =>
      new Pool(origin, Object.assign(options, { connections: 1 })),
  });
  return { config: { adapter: 'fetch', fetchOptions: { dispatcher } }, close: () => dispatcher.close() };
}

/** Returns the lane headers of the request that the echo server answered. */
export const laneOfResponse = ({ data }: AnyResponse): string[] => laneOf(data);
