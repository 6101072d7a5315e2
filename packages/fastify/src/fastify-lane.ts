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
    /** The lane that the request was sent with, also when it is read in another lane. `BASELINE` when the request has no lane. */
    readonly lane: LaneContext;
  }
}

/**
 * Returns a plugin that runs each request in its lane: its hooks, parsers, handlers, error handlers, streams and upgrade.
 *
 * @param lanes @default the lanes of the process, from `LANEWAY_*`
 * @throws {LanewayAdapterError} when `lanes` is not what `defineLanes` returns
 * @example
 * app.register(fastifyLane(lanes));
 */
export function fastifyLane(lanes?: Lanes): FastifyPluginCallback;
export function fastifyLane(
  lanes?: Lanes,
  _options?: unknown,
  done?: (error: unknown) => void,
): FastifyPluginCallback {
  try {
    return createPlugin(lanesFor('fastifyLane', lanes));
  } catch (error) {
    // After `app.register(fastifyLane)`, fastify calls this function as a plugin. It does not catch what a plugin throws.
    if (done === undefined) throw error;
    done(error);
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

// The lanes that an instance was registered with. Encapsulated instances inherit them.
const REGISTERED = Symbol.for('laneway.fastify.1');
const entered = new WeakSet<object>();

function enterInstance(instance: FastifyInstance, lanes: Lanes): void {
  instance.decorate(REGISTERED, lanes);
  instance.decorateRequest('lane', null as never);
  // Loggers, timers, upgrades and the hooks of earlier plugins run before our hook, so the server enters the lane first.
  const server: unknown = instance.server;
  if ((server instanceof Server || server instanceof HttpsServer) && !entered.has(server)) {
    entered.add(server);
    nodeHttpLane(server, lanes);
  }
  const enter: onRequestHookHandler = (request, reply, next) => {
    enterFastifyRoute(request);
    // Some requests do not arrive through that server: `inject`, http2, the second address of `localhost`.
    enterRequest(lanes, request.raw, reply.raw, () => {
      Object.assign(request, { lane: lanes.current() });
      next();
    });
  };
  instance.addHook('onRequest', enter);
  instance.after(() => moveHookFirst(instance, enter));
}
