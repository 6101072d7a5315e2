import http from 'node:http';
import https from 'node:https';
import { LanewayAdapterError, type Lanes, lanesFor } from '@laneway/core';
import { callAgent, type CallLane, givenAgent } from '@laneway/node-http';

/** The part of got that {@link laneGot} uses, by shape: so it fits every version. */
export interface GotClient {
  // `never` takes any options.
  readonly extend: (options: never) => unknown;
}

/** What got hands to a handler: the options of one call, put together. */
interface CallOptions {
  agent?: GotAgents | undefined;
  readonly http2?: boolean;
}

/** got's option `agent`. */
interface GotAgents {
  readonly http?: unknown;
  readonly https?: unknown;
  readonly http2?: unknown;
}

/**
 * Returns a got that attaches the lane it is called in: to each redirect hop by itself, to each retry, to promises and to streams.
 * The one that it is made from stays as it is.
 *
 * @param got got, or what `got.extend()` returned
 * @param lanes @default the lanes of the process, from `LANEWAY_*`
 * @throws {LanewayAdapterError} when it is handed no got, or no lanes
 * @example
 * import got from 'got';
 *
 * const client = laneGot(got, lanes);
 * const answer = await client('http://helloworld:5000/hello').json();
 */
export function laneGot<G extends GotClient>(got: G, lanes?: Lanes): G {
  const own = lanesFor('laneGot', lanes);
  if (typeof got?.extend !== 'function')
    throw new LanewayAdapterError(
      'laneGot was handed no got. Hand it the default export of got, or what got.extend() returns.',
    );
  const extend = got.extend as (options: object) => unknown;
  return extend({ handlers: [laneHandler(own)] }) as G;
}

/** A handler of got, which it calls where it is called, before anything is sent. */
function laneHandler(lanes: Lanes): <R>(options: CallOptions, next: (options: CallOptions) => R) => R {
  return (options, next) => {
    const call: CallLane = { lanes, lane: lanes.current() };
    // Not the caller's object: got copies the options of each call.
    options.agent = laneAgents(options, call);
    return next(options);
  };
}

/** Outside a lane too: what the call does later runs where it was made, not in the lane that opened its connection. */
function laneAgents({ agent, http2 }: CallOptions, call: CallLane): GotAgents {
  // Options that are used again, such as those of the page before, have the agents of their first call.
  const own = { http: givenAgent(agent?.http), https: givenAgent(agent?.https) };
  const laned = { ...agent, ...own, http: callAgent(own.http, http, call) };
  // Since got 16, HTTP/2 is given up where there is an agent for https.
  if (http2 && own.https === undefined) return laned;
  return { ...laned, https: callAgent(own.https, https, call) };
}
