import http, { type ClientRequest } from 'node:http';
import http2 from 'node:http2';
import https from 'node:https';
import { syncBuiltinESMExports } from 'node:module';
import { context, propagation } from '@opentelemetry/api';
import type { Lanes } from '@laneway/core';
import { laneConnect } from '@laneway/http2';
import { type HttpModule, laneHttp } from '@laneway/node-http';
import { hideLane } from './hidden-headers.js';
import { type Method, replaceMethod, type Restore } from './replace-method.js';

/** Puts lanes on what leaves by `node:http`, `node:https` and `node:http2`, imports by name included. */
export function instrumentModules(lanes: Lanes): Restore {
  const restores = [
    ...instrumentModule(http, lanes),
    ...instrumentModule(https, lanes),
    replaceMethod(http2, 'connect', (connect) => laneConnect(connect as never, lanes)),
  ];
  syncBuiltinESMExports();
  return () => {
    for (const restore of restores) restore();
    syncBuiltinESMExports();
  };
}

function instrumentModule(module: typeof http | typeof https, lanes: Lanes): Restore[] {
  const replace = (method: 'request' | 'get'): Restore =>
    replaceMethod(module, method, (former) => {
      const below = { request: former, get: former, globalAgent: undefined };
      // Looked up at each call: the application may replace it.
      Object.defineProperty(below, 'globalAgent', { get: () => module.globalAgent });
      const laned = laneHttp(below as unknown as HttpModule, lanes).request as Method;
      return (...args) => {
        const request: unknown = Reflect.apply(laned, module, isTopmost() ? args : withoutInjected(args));
        hideLane(request as ClientRequest, lanes);
        return request;
      };
    });
  const restores = [replace('request'), replace('get')];
  const { request } = module;
  const isTopmost = (): boolean => module.request === request;
  return restores;
}

/**
 * Takes off again what OpenTelemetry's http instrumentation, enabled after us, has put on a call above us: the baggage of the context,
 * which is the lane's, written anew and for whomever.
 */
function withoutInjected(args: readonly unknown[]): readonly unknown[] {
  const [options, ...rest] = args as [{ headers?: Record<string, unknown> } | undefined, ...unknown[]];
  const headers = options?.headers;
  if (typeof headers?.baggage !== 'string' || !propagation.fields().includes('baggage')) return args;
  const injected: Record<string, unknown> = {};
  propagation.inject(context.active(), injected);
  if (injected.baggage !== headers.baggage) return args;
  const { baggage: _, ...others } = headers;
  return [{ ...options, headers: others }, ...rest];
}
