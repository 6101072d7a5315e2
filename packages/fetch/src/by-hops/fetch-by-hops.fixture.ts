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

/** The runtime's own fetch, whichever runs this, Node's included. */
export const runtimeFetch: typeof globalThis.fetch = globalThis.fetch;

export const lanes: ReturnType<typeof contractLanes> = contractLanes();
export const lane: ReturnType<typeof lanes.capture> = lanes.capture(laneHeaders('v2'));
/** What {@link laneOf} finds in a request of that lane. */
export const V2: string[] = ['v2', laneBaggage('v2')];

/** The server that answers with what it saw. */
export let echo: EchoServer;
beforeAll(async () => {
  echo = await echoServer();
});
afterAll(() => echo.close());

const local = loopbackFetch(runtimeFetch as never);

/** The runtime's own fetch by hops, in the lane; every name is this machine. */
export function fetch(...args: unknown[]): Promise<Response> {
  return fetchByHops(local, undefined, args, { lanes, lane }) as Promise<Response>;
}

/** What the server saw of a call of {@link fetch}. */
export async function send(...args: unknown[]): Promise<EchoedRequest> {
  return (await (await fetch(...args)).json()) as EchoedRequest;
}

/** The lane of a request on the wire: its name and its baggage. */
export function laneOf(seen: EchoedRequest): string[] {
  return [headerLines(seen, 'version').join('|'), headerLines(seen, 'baggage').join('|')];
}

/** The server under a name. */
export function at(host: string, path: string): string {
  return `http://${host}:${echo.port}${path}`;
}

/** The server under a name, which redirects. */
export function via(host: string, to: string, status = 302): string {
  return at(host, `/redirect?status=${status}&to=${encodeURIComponent(to)}`);
}

/** What can be compared of the error of a promise. */
export function errorOf(promise: Promise<unknown>): Promise<unknown[]> {
  return promise.then(
    (value) => ['no error', (value as Response).status],
    (error: Error & { code?: unknown }) => [error.constructor, error.name, error.code, error.message],
  );
}

/** Runs a server for as long as it is used. */
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
