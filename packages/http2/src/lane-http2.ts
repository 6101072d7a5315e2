import type { ClientHttp2Session } from 'node:http2';
import { promisify } from 'node:util';
import { LanewayAdapterError, type Lanes, lanesFor } from '@laneway/core';
import { laneSession } from './lane-session.js';
import { sessionTarget } from './session-target.js';

/** The part of `node:http2` that {@link laneHttp2} changes. */
export interface Http2Module {
  // `never` takes any function: the module's, and what others make of it.
  readonly connect: (...args: never[]) => ClientHttp2Session;
}

type Connect = (...args: unknown[]) => ClientHttp2Session;

/**
 * Returns `http2` with a `connect` whose sessions attach the lane that their `request` is called in, never that of whoever connected.
 * The module itself is not changed.
 *
 * @param module `node:http2`
 * @param lanes @default the lanes of the process, from `LANEWAY_*`
 * @throws {LanewayAdapterError} when it is handed no such module, or no lanes
 * @example
 * import http2 from 'node:http2';
 *
 * const session = laneHttp2(http2, lanes).connect('http://helloworld:5000');
 * session.request({ ':path': '/hello' }).on('response', ...);
 */
export function laneHttp2<M extends Http2Module>(module: M, lanes?: Lanes): M {
  const own = lanesFor('laneHttp2', lanes);
  if (typeof module?.connect !== 'function')
    throw new LanewayAdapterError('laneHttp2 was handed no module. Hand it node:http2.');
  // The module's own is looked up at each call: an instrumentation may replace it later.
  const connect: Connect = (...args) => Reflect.apply(module.connect as Connect, module, args);
  const value = laneConnect(connect as Http2Module['connect'], own);
  return Object.create(module, {
    connect: { value, configurable: true, enumerable: true, writable: true },
  }) as M;
}

/**
 * Returns a `connect` whose sessions are laned, {@link laneHttp2} for the function alone. It can be promisified as Node's can.
 *
 * @param lanes @default the lanes of the process, from `LANEWAY_*`
 */
export function laneConnect<C extends Http2Module['connect']>(connect: C, lanes?: Lanes): C {
  const own = lanesFor('laneConnect', lanes);
  const laned: Connect = (...args) =>
    laneSession((connect as unknown as Connect)(...args), sessionTarget(args[0], args[1]), own);
  const promised = (...args: unknown[]): Promise<ClientHttp2Session> =>
    new Promise((resolve, reject) => {
      const session = laned(args[0], args[1], () => {
        session.removeListener('error', reject);
        resolve(session);
      });
      session.once('error', reject);
    });
  return Object.assign(laned, { [promisify.custom]: promised }) as unknown as C;
}
