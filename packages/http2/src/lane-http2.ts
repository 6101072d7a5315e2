import { LanewayAdapterError, type Lanes, lanesFor } from '@laneway/core';
import { laneSession } from './lane-session.js';
import { sessionTarget } from './session-target.js';
import { type Connect, wrapConnect } from './wrap-connect.js';

/** The part of `node:http2` that {@link laneHttp2} changes. */
export interface Http2Module {
  readonly connect: Connect;
}

/**
 * Returns `http2` with another `connect`. The requests of its sessions carry the lane of the code that calls `session.request`, not the
 * lane of the code that connected. The module that you pass is not changed.
 *
 * @param module `node:http2`
 * @param lanes What `defineLanes` returned. @default the lanes of the process, from `LANEWAY_*`
 * @throws {LanewayAdapterError} when `module` has no `connect`, or `lanes` is something else, such as a policy
 * @example
 * import http2 from 'node:http2';
 *
 * const session = laneHttp2(http2, lanes).connect('http://helloworld:5000');
 * session.request({ ':path': '/hello' }).on('response', ...);
 */
export function laneHttp2<M extends Http2Module>(module: M, lanes?: Lanes): M {
  const used = lanesFor('laneHttp2', lanes);
  if (typeof module?.connect !== 'function')
    throw new LanewayAdapterError(
      `laneHttp2 received ${describe(module)} instead of the module node:http2. Write laneHttp2(http2).`,
    );
  // Read at each call, because an instrumentation may replace it later.
  const connect = ((...args: never[]) => module.connect(...args)) as Connect;
  const value = wrapConnect(connect, (session, authority, options) =>
    laneSession(session, sessionTarget(authority, options), used),
  );
  return Object.create(module, {
    connect: { value, configurable: true, enumerable: true, writable: true },
  }) as M;
}

function describe(value: unknown): string {
  return typeof value === 'object' && value !== null ? 'an object without connect' : String(value);
}
