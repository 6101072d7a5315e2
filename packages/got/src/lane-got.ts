import http, { type ClientRequest, type RequestOptions } from 'node:http';
import https from 'node:https';
import { LanewayAdapterError, type Lanes, lanesFor } from '@laneway/core';
import { callAgent, type CallLane, givenAgent, isHttpMocked, laneHttp } from '@laneway/node-http';

/** The part of got that {@link laneGot} uses, by shape: so it fits every version. */
export interface GotClient {
  // `never` takes any options.
  readonly extend: (options: never) => unknown;
}

/** What got hands to a handler: the options of one call, put together. */
interface CallOptions {
  agent?: GotAgents | undefined;
  request?: GotRequest | undefined;
  readonly http2?: boolean;
}

/** got's option `request`: makes the request of one hop. */
type GotRequest = (url: URL, options: RequestOptions) => ClientRequest;

/** got's option `agent`. */
interface GotAgents {
  readonly http?: unknown;
  readonly https?: unknown;
  readonly http2?: unknown;
}

// The functions that we pass as the option `request`: options that are used again have that of their first call.
const lanedRequests = new WeakSet<GotRequest>();

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
function laneHandler(
  lanes: Lanes,
): <R>(options: CallOptions | undefined, next: (options: CallOptions | undefined) => R) => R {
  return (options, next) => {
    // Of a call with wrong arguments there are none: got has an error of its own for it.
    if (options === undefined) return next(options);
    const call: CallLane = { lanes, lane: lanes.current() };
    // Not the caller's object: got copies the options of each call.
    options.agent = laneAgents(options, call);
    const { request } = options;
    if (request === undefined ? isHttpMocked() : lanedRequests.has(request))
      options.request = mockedRequest(options, lanes);
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

/** The option `request` while a mock bypasses agents: puts the lane of this moment into the headers of each hop. */
function mockedRequest({ http2 }: CallOptions, lanes: Lanes): GotRequest | undefined {
  if (http2 || !isHttpMocked()) return undefined;
  const request = lanes.bind((url: URL, options: RequestOptions) =>
    laneHttp(url.protocol === 'https:' ? https : http, lanes).request(url, options),
  );
  lanedRequests.add(request);
  return request;
}
