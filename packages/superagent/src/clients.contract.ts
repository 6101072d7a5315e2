import type { EventEmitter } from 'node:events';
import http from 'node:http';
import { createRequire } from 'node:module';
import { loopbackLookup } from '@laneway/testing';

/** What the tests use of a response. */
export interface AnyResponse {
  readonly status: number;
  readonly body: unknown;
}

/** What the tests use of a request. It is sent only when `then` is called. */
export interface AnyRequest extends EventEmitter, PromiseLike<AnyResponse> {
  agent(agent: unknown): this;
  set(headers: object): this;
  send(data: unknown): this;
  retry(count: number, decide?: () => void): this;
  redirects(count: number): this;
  timeout(options: object): this;
  use(plugin: (request: AnyRequest) => unknown): this;
  end(done: (error: Error | null, response?: AnyResponse) => void): unknown;
  pipe<S extends NodeJS.WritableStream>(stream: S): S;
  http2(): this;
  lookup(lookup: unknown): this;
  ca(cert: string): this;
  connect(to: string): this;
  write(data: string): boolean;
  abort(): this;
  readonly header: Readonly<Record<string, unknown>>;
}

type Make = (url: string, ...more: unknown[]) => AnyRequest;

/** What the tests use of superagent and of its agents. */
export interface AnyAgent {
  readonly get: Make;
  readonly post: Make;
  readonly del: Make;
  use(plugin: (request: AnyRequest) => unknown): this;
}

/** Any superagent under test. The types of the versions differ only where these tests don't look. */
export interface AnySuperagent extends Omit<AnyAgent, 'use'> {
  (method: string, ...more: unknown[]): AnyRequest;
  readonly Request: new (method: string, url: string) => AnyRequest;
  readonly agent: (() => AnyAgent) & (new () => AnyAgent);
  readonly serialize: object;
}

const require = createRequire(import.meta.url);

/** The lowest and the highest supported version of superagent, and one in between. */
export const clients: readonly { readonly name: string; readonly superagent: AnySuperagent }[] = [
  { name: 'superagent 8.0', superagent: require('superagent-lowest') as AnySuperagent },
  { name: 'superagent 9.0', superagent: require('superagent-9-lowest') as AnySuperagent },
  { name: 'superagent 10', superagent: require('superagent') as AnySuperagent },
];

/** Returns an agent with one kept-alive connection per origin, and every name on loopback. */
export function connect(): http.Agent {
  return new http.Agent({ keepAlive: true, maxSockets: 1, lookup: loopbackLookup });
}
