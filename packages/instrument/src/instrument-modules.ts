import http, { type ClientRequest } from 'node:http';
import https from 'node:https';
import { syncBuiltinESMExports } from 'node:module';
import { type Lanes, type Method, override, type Restore } from '@laneway/core';
import { type HttpModule, laneHttp } from '@laneway/node-http';
import { hideLane } from './hidden-headers.js';
import { instrumentHttp2 } from './instrument-http2.js';

/** Puts lanes on what leaves by `node:http`, `node:https` and `node:http2`, imports by name included. */
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
    // Looked up at each call: the application may replace it.
    Object.defineProperty(below, 'globalAgent', { get: () => module.globalAgent });
    const laned = laneHttp(below as unknown as HttpModule, lanes).request as Method;
    return (...args) => {
      const request = Reflect.apply(laned, module, args) as ClientRequest;
      hideLane(request, lanes);
      return request;
    };
  };
  return override(module, { request: wrap, get: wrap });
}
