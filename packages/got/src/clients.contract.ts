import http from 'node:http';
import { createRequire } from 'node:module';
import { loopbackLookup } from '@laneway/testing';
import got14 from 'got';
import got12Lowest from 'got-12-lowest';
import got13 from 'got-13';
import got14Lowest from 'got-14-lowest';

/** What the tests use of a response. */
export interface AnyResponse {
  readonly statusCode: number;
  readonly body: string;
  readonly isFromCache?: boolean;
  readonly request: { readonly options: Record<string, unknown> };
}

/** Any got under test. The types of the versions differ only where these tests don't look. */
export interface AnyGot {
  (url: string, options?: object): Promise<AnyResponse> & { json(): Promise<unknown>; cancel?(): void };
  readonly post: AnyGot;
  readonly extend: (...options: (object | AnyGot)[]) => AnyGot;
  readonly stream: (url: string, options?: object) => NodeJS.ReadableStream & NodeJS.WritableStream;
  readonly paginate: (url: string, options?: object) => AsyncIterable<unknown>;
}

/** A got under test. */
export interface Client {
  readonly name: string;
  readonly got: AnyGot;
  readonly major: number;
  /** Optional features: the option for Unix sockets, `false` as an agent, a cache that works on this Node. */
  readonly has: readonly ('enableUnixSockets' | 'no agent' | 'cache')[];
}

/** Options for one kept-alive connection per origin, with every name on loopback, and how to close it. */
export interface Pool {
  readonly agent: { readonly http: http.Agent };
  readonly options: Record<string, unknown>;
  close(): void;
}

const { default: got11 } = createRequire(import.meta.url)('got-11-lowest') as { default: unknown };

const ALL: Client['has'] = ['cache', 'enableUnixSockets', 'no agent'];

// Imported dynamically, because these versions do not load on Node 20.
const runs22 = Number(process.versions.node.split('.')[0]) >= 22;
const load = async (name: string): Promise<unknown> => ((await import(name)) as { default: unknown }).default;

/** The lowest and the highest supported versions of got that this Node can run. */
export const clients: readonly Client[] = [
  { name: 'got 11.8.6', got: got11 as AnyGot, major: 11, has: [] },
  { name: 'got 12.0', got: got12Lowest as unknown as AnyGot, major: 12, has: ['cache'] },
  { name: 'got 13.0', got: got13 as unknown as AnyGot, major: 13, has: ['cache', 'enableUnixSockets'] },
  { name: 'got 14.0', got: got14Lowest as unknown as AnyGot, major: 14, has: ['cache', 'enableUnixSockets'] },
  { name: 'got 14', got: got14 as unknown as AnyGot, major: 14, has: ALL },
  ...(runs22
    ? [
        { name: 'got 15.0', got: (await load('got-15-lowest')) as AnyGot, major: 15, has: ALL },
        { name: 'got 16', got: (await load('got-16')) as AnyGot, major: 16, has: ALL },
      ]
    : []),
];

/** The versions that need a newer Node. */
export const skipped: readonly string[] = runs22 ? [] : ['got 15.0, needs Node 22', 'got 16, needs Node 22'];

/** Returns options for one connection, with every name on loopback. */
export function connect(): Pool {
  const agent = { http: new http.Agent({ keepAlive: true, maxSockets: 1, lookup: loopbackLookup }) };
  const options = { agent, retry: { limit: 0 } };
  return { agent, options, close: () => agent.http.destroy() };
}
