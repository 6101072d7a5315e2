import type { Agent, ClientRequest, RequestOptions } from 'node:http';
import {
  BASELINE,
  LanewayAdapterError,
  type Lanes,
  lanesFor,
  whileAttached,
  wrongArgument,
} from '@laneway/core';
import { bindRequest } from './bind-request.js';
import { headersOf, readCall } from './request-call.js';
import { forwardTarget, namedHost, requestTarget } from './request-target.js';

/** The part of `node:http` and `node:https` that {@link laneHttp} changes. */
export interface HttpModule {
  // `never` accepts any function: those of both modules, and of instrumented ones.
  readonly request: (...args: never[]) => ClientRequest;
  readonly get: (...args: never[]) => ClientRequest;
  readonly globalAgent?: Agent;
}

type Send = (...args: unknown[]) => ClientRequest;

/**
 * Returns `http` or `https` with a `request` and a `get` that attach the caller's lane, and whose listeners run in the caller's context, even
 * on a connection that another request opened. The module itself is not changed.
 *
 * Use it below a library that follows redirects, never around it, so that egress checks each hop. For follow-redirects:
 * `wrap({ http: laneHttp(http), https: laneHttp(https) })`.
 *
 * @param module `node:http`, `node:https`, or a module whose `request` and `get` send one request
 * @param lanes @default the lanes of the process, from `LANEWAY_*`
 * @throws {LanewayAdapterError} when `module` is not such a module, or follows redirects, or `lanes` are not lanes
 * @example
 * import https from 'node:https';
 *
 * const { get } = laneHttp(https, lanes);
 * get('https://helloworld.default.svc/hello', (response) => response.pipe(process.stdout));
 */
export function laneHttp<M extends HttpModule>(module: M, lanes?: Lanes): M {
  const resolved = lanesFor('laneHttp', lanes);
  if (typeof module?.request !== 'function' || typeof module.get !== 'function')
    throw wrongArgument('laneHttp', module, 'an http module', 'node:http or node:https');
  if (followsRedirects(module))
    throw new LanewayAdapterError(
      'laneHttp received a module that follows redirects, which would send the lane of the first hop to every later one, external hosts ' +
        'included. Put laneHttp below it: followRedirects.wrap({ http: laneHttp(http), https: laneHttp(https) }).',
    );
  // The module's methods are read at each call, because an instrumentation may replace them later.
  const define = (method: 'request' | 'get'): PropertyDescriptor => ({
    value: (...args: unknown[]) => sendInLane(module, method, args, resolved),
    configurable: true,
    enumerable: true,
    writable: true,
  });
  return Object.create(module, { request: define('request'), get: define('get') }) as M;
}

/** Whether a module is that of follow-redirects. Only a variable name in the source of its `request` shows it. */
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
  // Not passed to Node, which would add it before the request is bound; OpenTelemetry would bind it to a context without baggage.
  if (call.callback !== undefined) request.once('response', call.callback);
  return request;
}

/** Adds the lane's headers to the options of a call; `undefined` when they are not valid, and Node must reject them. */
function attachToCall(options: RequestOptions, module: HttpModule, lanes: Lanes): RequestOptions | undefined {
  const agent = options.agent ?? module.globalAgent;
  const to = requestTarget(options, agent);
  const headers = headersOf(options);
  if (to === undefined || headers === undefined) return undefined;
  const named = namedHost(options, agent);
  // With Node's own proxy the path does not contain the origin yet.
  const forwarded = forwardTarget(options) ?? (named === to ? undefined : named);
  const destinations = forwarded === undefined ? to : [to, forwarded];
  return Object.assign(options, { headers: lanes.attach(headers, { to: destinations }) });
}
