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

/** How the tests see every got; the types of the versions differ in what does not matter here. */
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
  /** What it has besides: a socket in the file system as an option, `false` as an agent, a cache that works on this Node. */
  readonly has: readonly ('enableUnixSockets' | 'no agent' | 'cache')[];
}

/** Options for one kept-alive connection per origin, where every name is this machine, and how to close it. */
export interface Pool {
  readonly agent: { readonly http: http.Agent };
  readonly options: Record<string, unknown>;
  close(): void;
}

const { default: got11 } = createRequire(import.meta.url)('got-11-lowest') as { default: unknown };

const ALL: Client['has'] = ['cache', 'enableUnixSockets', 'no agent'];

// Loaded here only, as they do not load at all on Node 20.
const runs22 = Number(process.versions.node.split('.')[0]) >= 22;
const load = async (name: string): Promise<unknown> => ((await import(name)) as { default: unknown }).default;

/** Every got that this Node can run, at the lowest and at the highest version that is supported. */
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

/** Those that need a newer Node than this one. */
export const skipped: readonly string[] = runs22 ? [] : ['got 15.0, needs Node 22', 'got 16, needs Node 22'];

/** Connects a got to nothing but this machine, over one connection. */
export function connect(): Pool {
  const agent = { http: new http.Agent({ keepAlive: true, maxSockets: 1, lookup: loopbackLookup }) };
  const options = { agent, retry: { limit: 0 } };
  return { agent, options, close: () => agent.http.destroy() };
}
