import type { EventEmitter } from 'node:events';
import http from 'node:http';
import { createRequire } from 'node:module';
import { loopbackLookup } from '@laneway/testing';

/** What the tests use of a response. */
export interface AnyResponse {
  readonly status: number;
  readonly body: unknown;
}

/** What the tests use of a request, which is a promise only when somebody asks for one. */
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

/** How the tests see every superagent, and its agents. */
export interface AnyAgent {
  readonly get: Make;
  readonly post: Make;
  readonly del: Make;
  use(plugin: (request: AnyRequest) => unknown): this;
}

/** How the tests see every superagent; the types of the versions differ in what does not matter here. */
export interface AnySuperagent extends Omit<AnyAgent, 'use'> {
  (method: string, ...more: unknown[]): AnyRequest;
  readonly Request: new (method: string, url: string) => AnyRequest;
  readonly agent: (() => AnyAgent) & (new () => AnyAgent);
  readonly serialize: object;
}

const require = createRequire(import.meta.url);

/** Every superagent, at the lowest and at the highest version that is supported. */
export const clients: readonly { readonly name: string; readonly superagent: AnySuperagent }[] = [
  { name: 'superagent 8.0', superagent: require('superagent-lowest') as AnySuperagent },
  { name: 'superagent 9.0', superagent: require('superagent-9-lowest') as AnySuperagent },
  { name: 'superagent 10', superagent: require('superagent') as AnySuperagent },
];

/** An agent with one kept-alive connection per origin, where every name is this machine. */
export function connect(): http.Agent {
  return new http.Agent({ keepAlive: true, maxSockets: 1, lookup: loopbackLookup });
}
