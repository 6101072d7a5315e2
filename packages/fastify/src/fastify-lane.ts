import type { EventEmitter } from 'node:events';
import { Server, type IncomingMessage } from 'node:http';
import { Server as HttpsServer } from 'node:https';
import { type LaneContext, type Lanes, lanesFor } from '@laneway/core';
import { isBound, nodeHttpLane, runBound, runRequest } from '@laneway/node-http';
import type { FastifyPluginCallback, onRequestHookHandler } from 'fastify';
import plugin from 'fastify-plugin';
import { moveHookFirst, wrapRoute } from './route-functions.js';

declare module 'fastify' {
  interface FastifyRequest {
    /** The lane that the request came in with, wherever it is read; `BASELINE` when it has none. */
    readonly lane: LaneContext;
  }
}

/**
 * A plugin that runs each request in its lane: every hook, parser, handler, error handler and stream of it, and its upgrade.
 *
 * @param lanes @default the lanes of the process, from `LANEWAY_*`
 * @throws {LanewayAdapterError} when it is handed something that is no lanes
 * @example
 * app.register(fastifyLane(lanes));
 */
export function fastifyLane(lanes?: Lanes): FastifyPluginCallback {
  const own = lanesFor('fastifyLane', lanes);
  const register: FastifyPluginCallback = (instance, _options, done) => {
    // A getter: fastify allows no objects here, and a request that does not ask for it pays nothing.
    instance.decorateRequest('lane', {
      getter(this: { readonly raw: IncomingMessage }) {
        return runBound(this.raw, own.current);
      },
    });
    // Loggers, timers, upgrades and the hooks of earlier plugins come before any hook of ours.
    const server: unknown = instance.server;
    if (server instanceof Server || server instanceof HttpsServer) nodeHttpLane(server, own);
    const enter: onRequestHookHandler = (request, reply, next) => {
      wrapRoute(request);
      // What that server does not bring: `inject`, http2, the other address of `localhost`.
      enterRequest(own, request.raw, reply.raw, () => next());
    };
    instance.addHook('onRequest', enter);
    instance.after(() => moveHookFirst(instance, enter));
    done();
  };
  return plugin(register, { name: '@laneway/fastify', fastify: '>=4 <6' });
}

function enterRequest<T>(lanes: Lanes, request: IncomingMessage, answer: EventEmitter, fn: () => T): T {
  return isBound(request) ? runBound(request, fn) : runRequest(lanes, request, answer, fn);
}
