import http from 'node:http';
import { connect, type Socket } from 'node:net';
import type { Lanes } from '@laneway/core';
import { close, contractLanes, laneHeaders, listen } from '@laneway/testing';
import { afterAll, beforeAll } from 'vitest';

/** A server that interrupts responses, for the tests of listeners. */
export interface InterruptedServer {
  readonly lanes: Lanes;
  /** Runs code in a lane, or in none if the name is `baseline`. */
  inLane<T>(name: string, fn: () => T): T;
  /** Returns an agent whose connections another lane opens, as in a pool that opens them ahead of time. */
  pooledAgent(): http.Agent;
  /**
   * Returns a URL of the server. `/whole` answers with a complete response, `/redirect` with a redirect to it, `/half` with half a
   * response, `/late` after 200 milliseconds, and `/drop` closes the connection without a response.
   */
  url(path: string): string;
}

/** Starts an {@link InterruptedServer} before the tests of a file, and stops it after them. */
export function useInterruptedServer(): InterruptedServer {
  const lanes = contractLanes();
  const server = http.createServer((request, response) => {
    if (request.url === '/drop') return void request.socket.destroy();
    if (request.url === '/late') return void setTimeout(() => response.end(), 200);
    if (request.url === '/redirect') return void response.writeHead(302, { location: '/whole' }).end();
    response.writeHead(200, { 'content-type': 'text/plain', 'content-length': '100000' });
    response.write('x'.repeat(50_000));
    if (request.url === '/half') setImmediate(() => request.socket.destroy());
    else response.end('x'.repeat(50_000));
  });
  let port: number;
  beforeAll(async () => {
    port = await listen(server);
  });
  afterAll(() => close(server));
  const inLane = <T>(name: string, fn: () => T): T =>
    name === 'baseline' ? lanes.baseline(fn) : lanes.run(lanes.capture(laneHeaders(name)), fn);
  return {
    lanes,
    inLane,
    pooledAgent: () => {
      const createConnection = (): Socket => inLane('opener', () => connect(port, '127.0.0.1'));
      return Object.assign(new http.Agent({ keepAlive: true, maxSockets: 1 }), { createConnection });
    },
    url: (path) => `http://127.0.0.1:${port}${path}`,
  };
}
