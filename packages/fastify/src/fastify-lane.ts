import { Server } from 'node:http';
import { Server as HttpsServer } from 'node:https';
import { type LaneContext, type Lanes, lanesFor } from '@laneway/core';
import {
  enterFastifyRoute,
  enterRequest,
  moveHookFirst,
  nodeHttpLane,
  warnOfSecondLanes,
} from '@laneway/node-http';
import type { FastifyInstance, FastifyPluginCallback, onRequestHookHandler } from 'fastify';
import plugin from 'fastify-plugin';

declare module 'fastify' {
  interface FastifyRequest {
    /** The lane that the request came in with, wherever it is read; `BASELINE` when it has none. */
    readonly lane: LaneContext;
  }
}

/**
 * A plugin that runs each request in its lane: every hook, parser, handler, error handler and stream of it, and its upgrade.
 *
 * @param lanes @default the default lanes of the process, from `LANEWAY_*`
 * @throws {LanewayAdapterError} when `lanes` is not what `defineLanes` returns
 * @example
 * app.register(fastifyLane(lanes));
 */
export function fastifyLane(lanes?: Lanes): FastifyPluginCallback;
export function fastifyLane(
  lanes?: Lanes,
  _options?: unknown,
  refuse?: (error: unknown) => void,
): FastifyPluginCallback {
  try {
    return createPlugin(lanesFor('fastifyLane', lanes));
  } catch (error) {
    // `app.register(fastifyLane)`, without a call: fastify does not catch what a plugin throws.
    if (refuse === undefined) throw error;
    refuse(error);
    return () => {};
  }
}

function createPlugin(lanes: Lanes): FastifyPluginCallback {
  const register: FastifyPluginCallback = (instance, _options, done) => {
    const first = (instance as { [REGISTERED]?: Lanes })[REGISTERED];
    if (first === undefined) enterInstance(instance, lanes);
    else if (first !== lanes) warnOfSecondLanes(first, lanes);
    done();
  };
  return plugin(register, { name: '@laneway/fastify', fastify: '>=4 <6' });
}

// The lanes that an instance was entered with; those inside it inherit them.
const REGISTERED = Symbol.for('laneway.fastify.1');
const entered = new WeakSet<object>();

function enterInstance(instance: FastifyInstance, lanes: Lanes): void {
  instance.decorate(REGISTERED, lanes);
  instance.decorateRequest('lane', null as never);
  // Loggers, timers, upgrades and the hooks of earlier plugins come before any hook of ours.
  const server: unknown = instance.server;
  if ((server instanceof Server || server instanceof HttpsServer) && !entered.has(server)) {
    entered.add(server);
    nodeHttpLane(server, lanes);
  }
  const enter: onRequestHookHandler = (request, reply, next) => {
    enterFastifyRoute(request);
    // What that server does not bring: `inject`, http2, the other address of `localhost`.
    enterRequest(lanes, request.raw, reply.raw, () => {
      Object.assign(request, { lane: lanes.current() });
      next();
    });
  };
  instance.addHook('onRequest', enter);
  instance.after(() => moveHookFirst(instance, enter));
}
