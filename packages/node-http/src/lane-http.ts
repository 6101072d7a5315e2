import type { Agent, ClientRequest, RequestOptions } from 'node:http';
import { BASELINE, LanewayAdapterError, type Lanes, lanesFor, whileAttached } from '@laneway/core';
import { bindRequest } from './bind-request.js';
import { headersOf, readCall } from './request-call.js';
import { forwardTarget, namedHost, requestTarget } from './request-target.js';

/** The part of `node:http` and `node:https` that {@link laneHttp} changes. */
export interface HttpModule {
  // `never` takes any function: both modules, and what instrumentations make of them.
  readonly request: (...args: never[]) => ClientRequest;
  readonly get: (...args: never[]) => ClientRequest;
  readonly globalAgent?: Agent;
}

type Send = (...args: unknown[]) => ClientRequest;

/**
 * Returns `http` or `https` with a `request` and a `get` that attach the lane they are called in, and whose events run in the
 * caller's context even on a connection that another request opened. The module itself is not changed.
 *
 * It goes below a library that follows redirects, never around it: each hop is then a request of its own, which egress judges. For
 * follow-redirects `wrap({ http: laneHttp(http), https: laneHttp(https) })`.
 *
 * @param module `node:http`, `node:https`, or anything whose `request` and `get` send one request
 * @param lanes @default the lanes of the process, from `LANEWAY_*`
 * @throws {LanewayAdapterError} when it is handed no such module, one of follow-redirects, or no lanes
 * @example
 * import https from 'node:https';
 *
 * const { get } = laneHttp(https, lanes);
 * get('https://helloworld.default.svc/hello', (response) => response.pipe(process.stdout));
 */
export function laneHttp<M extends HttpModule>(module: M, lanes?: Lanes): M {
  const own = lanesFor('laneHttp', lanes);
  if (typeof module?.request !== 'function' || typeof module.get !== 'function')
    throw new LanewayAdapterError('laneHttp was handed no module. Hand it node:http or node:https.');
  if (followsRedirects(module))
    throw new LanewayAdapterError(
      'laneHttp was handed a module that follows redirects: the headers of the first hop would go to every later one, strangers ' +
        'included. Put laneHttp below it: followRedirects.wrap({ http: laneHttp(http), https: laneHttp(https) }).',
    );
  // The module's own are looked up at each call: an instrumentation may replace them later.
  const define = (method: 'request' | 'get'): PropertyDescriptor => ({
    value: (...args: unknown[]) => sendInLane(module, method, args, own),
    configurable: true,
    enumerable: true,
    writable: true,
  });
  return Object.create(module, { request: define('request'), get: define('get') }) as M;
}

/** Whether it is a module of follow-redirects: nothing of theirs tells, but the name under which their `request` passes Node's. */
function followsRedirects({ request }: HttpModule): boolean {
  return String(request).includes('nativeProtocols');
}

function sendInLane(
  module: HttpModule,
  method: 'request' | 'get',
  args: unknown[],
  lanes: Lanes,
): ClientRequest {
  const send = (...sent: unknown[]): ClientRequest => Reflect.apply(module[method] as Send, module, sent);
  const lane = lanes.current();
  const call = lane === BASELINE ? undefined : readCall(args);
  const options = call && attachToCall(call.options, module, lanes);
  if (call === undefined || options === undefined) {
    const request = send(...args);
    bindRequest(request);
    return request;
  }
  const request = whileAttached(() => send(options));
  bindRequest(request);
  // Node would add it in the constructor, before the request is bound, and OpenTelemetry would bind it to a context without baggage.
  if (call.callback !== undefined) request.once('response', call.callback);
  return request;
}

/** The options of a call with the lane's headers; `undefined` when Node must judge them itself. */
function attachToCall(options: RequestOptions, module: HttpModule, lanes: Lanes): RequestOptions | undefined {
  const agent = options.agent ?? module.globalAgent;
  const to = requestTarget(options, agent);
  const headers = headersOf(options);
  if (to === undefined || headers === undefined) return undefined;
  const named = namedHost(options, agent);
  // The path does not yet name what Node asks its own proxy for.
  const forwarded = forwardTarget(options) ?? (named === to ? undefined : named);
  const destinations = forwarded === undefined ? to : [to, forwarded];
  return Object.assign(options, { headers: lanes.attach(headers, { to: destinations }) });
}
