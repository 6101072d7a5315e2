import http, { type ClientRequest } from 'node:http';
import https from 'node:https';
import { syncBuiltinESMExports } from 'node:module';
import { type Lanes, type Method, override, type Restore } from '@laneway/core';
import { type HttpModule, laneHttp } from '@laneway/node-http';
import { hideLane } from './hidden-headers.js';
import { instrumentHttp2 } from './instrument-http2.js';

/** Attaches lanes to the calls of `node:http`, `node:https` and `node:http2`, including functions that are imported by name. */
export function instrumentModules(lanes: Lanes): Restore {
  const restores = [instrumentModule(http, lanes), instrumentModule(https, lanes), instrumentHttp2(lanes)];
  syncBuiltinESMExports();
  return () => {
    for (const restore of restores) restore();
    syncBuiltinESMExports();
  };
}

function instrumentModule(module: typeof http | typeof https, lanes: Lanes): Restore {
  const wrap = (original: Method): Method => {
    const below = { request: original, get: original };
    // A getter, because the application may replace the global agent.
    Object.defineProperty(below, 'globalAgent', { get: () => module.globalAgent });
    const wrapped = laneHttp(below as unknown as HttpModule, lanes).request as Method;
    return (...args) => {
      const request = Reflect.apply(wrapped, module, args) as ClientRequest;
      hideLane(request, lanes);
      return request;
    };
  };
  return override(module, { request: wrap, get: wrap });
}
