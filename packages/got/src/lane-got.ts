import http, { type ClientRequest, type RequestOptions } from 'node:http';
import https from 'node:https';
import { type Lanes, lanesFor, wrongArgument } from '@laneway/core';
import { callAgent, type CallLane, isHttpMocked, laneHttp, originalAgent } from '@laneway/node-http';

/** The part of got that {@link laneGot} uses. It fits every version. */
export interface GotClient {
  // `never` accepts any options.
  readonly extend: (options: never) => unknown;
}

/** The options of one call, which got passes to its handlers. */
interface CallOptions {
  agent?: GotAgents | undefined;
  request?: GotRequest | undefined;
  readonly http2?: boolean;
}

/** got's option `request`: creates the request of one hop. */
type GotRequest = (url: URL, options: RequestOptions) => ClientRequest;

/** got's option `agent`. */
interface GotAgents {
  readonly http?: unknown;
  readonly https?: unknown;
  readonly http2?: unknown;
}

// The functions that Laneway passes as the option `request`. Options that are used again still have the function of their first call.
const wrappedRequests = new WeakSet<GotRequest>();

/**
 * Returns a got whose calls carry the lane of the code that makes them, on every redirect hop and retry that egress allows. The original
 * is not changed.
 *
 * @param got the default export of got, or what `got.extend()` returns
 * @param lanes @default the lanes of the process, from `LANEWAY_*`
 * @throws {LanewayAdapterError} when `got` is not a got instance, or `lanes` are not lanes
 * @example
 * import got from 'got';
 *
 * const client = laneGot(got, lanes);
 * const answer = await client('http://helloworld:5000/hello').json();
 */
export function laneGot<G extends GotClient>(got: G, lanes?: Lanes): G {
  const resolved = lanesFor('laneGot', lanes);
  if (typeof got?.extend !== 'function')
    throw wrongArgument(
      'laneGot',
      got,
      'a got instance',
      'the default export of got, or what got.extend() returns',
    );
  const extend = got.extend as (options: object) => unknown;
  return extend({ handlers: [laneHandler(resolved)] }) as G;
}

/** Returns a handler, which got calls in the caller's context before it sends anything. */
function laneHandler(
  lanes: Lanes,
): <R>(options: CallOptions | undefined, next: (options: CallOptions | undefined) => R) => R {
  return (options, next) => {
    // Wrong arguments: got rejects them.
    if (options === undefined) return next(options);
    const call: CallLane = { lanes, lane: lanes.current() };
    // got has copied the caller's options, so this does not change them.
    options.agent = laneAgents(options, call);
    const { request } = options;
    if (request === undefined ? isHttpMocked() : wrappedRequests.has(request))
      options.request = mockedRequest(options, lanes);
    return next(options);
  };
}

/** Wraps the agents of a call, at the baseline too: otherwise its listeners would run in the lane that opened the connection. */
function laneAgents({ agent, http2 }: CallOptions, call: CallLane): GotAgents {
  // Options that are used again, such as those of the previous page, have the agents of their first call.
  const originals = { http: originalAgent(agent?.http), https: originalAgent(agent?.https) };
  const wrapped = { ...agent, ...originals, http: callAgent(originals.http, http, call) };
  // got 16 does not use HTTP/2 when there is an agent for https.
  if (http2 && originals.https === undefined) return wrapped;
  return { ...wrapped, https: callAgent(originals.https, https, call) };
}

/** Returns the option `request` while a mock bypasses agents: it adds the current lane to the headers of each hop. */
function mockedRequest({ http2 }: CallOptions, lanes: Lanes): GotRequest | undefined {
  if (http2 || !isHttpMocked()) return undefined;
  const request = lanes.bind((url: URL, options: RequestOptions) =>
    laneHttp(url.protocol === 'https:' ? https : http, lanes).request(url, options),
  );
  wrappedRequests.add(request);
  return request;
}
