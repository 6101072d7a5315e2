import type { Lanes } from '@laneway/core';
import { afterAll, beforeAll } from 'vitest';
import { contractLanes, laneHeaders } from './contract-policy.js';
import { type EchoedRequest, type EchoServer, echoServer, headerLines } from './echo-server.js';

/** The lanes of the contract and an echo server, for the tests of one file. */
export interface LaneEcho {
  readonly lanes: Lanes;
  /** The echo server. Read its properties inside tests and hooks: it runs only then. */
  readonly echo: EchoServer;
  /** Runs code in the lane of a request with {@link laneHeaders}. */
  inLane<T>(name: string, fn: () => T): T;
  /** Returns a URL of the echo server. @param host a name that the client resolves to loopback */
  at(host: string, path: string): string;
  /**
   * Returns a URL of the echo server that redirects.
   * @param status of the redirect
   * @default 302
   */
  via(host: string, to: string, status?: number): string;
}

/**
 * Starts an echo server before the tests of a file or a `describe`, and stops it after them.
 * @example const { lanes, echo, inLane } = useEcho();
 */
export function useEcho(): LaneEcho {
  const lanes = contractLanes();
  let started: EchoServer | undefined;
  beforeAll(async () => {
    started = await echoServer();
  });
  afterAll(() => started?.close());
  const running = (): EchoServer => {
    if (started === undefined)
      throw new Error('The echo server is not running. Use `echo` inside a test or a hook.');
    return started;
  };
  const echo: EchoServer = {
    get server() {
      return running().server;
    },
    get port() {
      return running().port;
    },
    get url() {
      return running().url;
    },
    close: () => running().close(),
  };
  const at = (host: string, path: string): string => `http://${host}:${echo.port}${path}`;
  return {
    lanes,
    echo,
    inLane: (name, fn) => lanes.run(lanes.capture(laneHeaders(name)), fn),
    at,
    via: (host, to, status = 302) => at(host, `/redirect?status=${status}&to=${encodeURIComponent(to)}`),
  };
}

/**
 * Returns the headers `version` and `baggage` of an echoed request, `''` for one that is missing. Several lines of one header are
 * separated by `|`, so that a header that was sent twice fails a comparison.
 * @example expect(laneOf(seen)).toEqual(['v2', laneBaggage('v2')]);
 */
export function laneOf(seen: unknown): [lane: string, baggage: string] {
  const request = seen as EchoedRequest;
  return [headerLines(request, 'version').join('|'), headerLines(request, 'baggage').join('|')];
}
