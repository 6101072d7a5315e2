import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import {
  close,
  contractLanes,
  type EchoedRequest,
  type EchoServer,
  echoServer,
  headerLines,
  laneBaggage,
  laneHeaders,
  listen,
} from '@laneway/testing';
import { afterAll, beforeAll } from 'vitest';
import { fetchByHops } from './fetch-by-hops.js';
import { loopbackFetch } from './loopback-fetch.fixture.js';

/** The global fetch of the runtime: Node, Bun or Deno. */
export const runtimeFetch: typeof globalThis.fetch = globalThis.fetch;

export const lanes: ReturnType<typeof contractLanes> = contractLanes();
export const lane: ReturnType<typeof lanes.capture> = lanes.capture(laneHeaders('v2'));
/** The lane `v2`, as {@link laneOf} returns it. */
export const V2: string[] = ['v2', laneBaggage('v2')];

/** A server that answers with the request that it received. */
export let echo: EchoServer;
beforeAll(async () => {
  echo = await echoServer();
});
afterAll(() => echo.close());

const local = loopbackFetch(runtimeFetch as never);

/** Calls the runtime's fetch by hops, in the lane; every name resolves to loopback. */
export function fetch(...args: unknown[]): Promise<Response> {
  return fetchByHops(local, undefined, args, { lanes, lane }) as Promise<Response>;
}

/** Calls {@link fetch}, and returns the request that the server received. */
export async function send(...args: unknown[]): Promise<EchoedRequest> {
  return (await (await fetch(...args)).json()) as EchoedRequest;
}

/** Returns the headers `version` and `baggage` of a request. */
export function laneOf(seen: EchoedRequest): string[] {
  return [headerLines(seen, 'version').join('|'), headerLines(seen, 'baggage').join('|')];
}

/** Returns a URL of the server under the host name `host`. */
export function at(host: string, path: string): string {
  return `http://${host}:${echo.port}${path}`;
}

/** Returns a URL under the host name `host` that redirects to `to`. */
export function via(host: string, to: string, status = 302): string {
  return at(host, `/redirect?status=${status}&to=${encodeURIComponent(to)}`);
}

/** Returns the comparable parts of the error of a promise. */
export function errorOf(promise: Promise<unknown>): Promise<unknown[]> {
  return promise.then(
    (value) => ['no error', (value as Response).status],
    (error: Error & { code?: unknown }) => [error.constructor, error.name, error.code, error.message],
  );
}

/** Runs a server while `use` runs. */
export async function serve(
  handle: (request: IncomingMessage, response: ServerResponse) => void,
  use: (url: string) => Promise<unknown>,
): Promise<void> {
  const server = createServer(handle);
  const url = `http://127.0.0.1:${await listen(server)}`;
  try {
    await use(url);
  } finally {
    await close(server);
  }
}
