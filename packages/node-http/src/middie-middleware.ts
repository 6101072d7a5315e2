// Everything that is touched inside @fastify/middie, and inside the copies of it in NestJS, stands in this file. Should one be gone, its
// middleware runs wherever it is called, and nothing else happens. The contract of @laneway/nestjs fails when that is so.
import type { IncomingMessage } from 'node:http';
import { type Method, override } from '@laneway/core';
import { runBound } from './bind-emitter.js';

type Internal = Record<PropertyKey, unknown>;
type OnRegister = (instance: object) => void;

/**
 * Makes the middleware of a fastify instance with `use`, existing and later, run in the lane of its request, whoever calls `next`.
 */
export function enterMiddleware(instance: object): void {
  try {
    rebuildEngine(instance as Internal);
  } catch {
    // Middleware of another plugin.
  }
  override(instance, {
    use: (original) =>
      function (this: unknown, ...args: unknown[]) {
        return Reflect.apply(original, this, args.map(wrapMiddleware) as never);
      },
  });
}

/**
 * The engine of an instance shows no middleware, but a child instance gets an engine of its own, with that of its parent. So what stands
 * in for a child here gets wrapped middleware, and the instance gets its engine.
 */
function rebuildEngine(instance: Internal): void {
  const list = findSymbol(instance, 'fastify-middie-middlewares');
  const engine = findSymbol(instance, 'fastify-middie-instance');
  const hooks = findSymbol(instance, 'fastify.hooks');
  if (list === undefined || engine === undefined || hooks === undefined) return;
  const { onRegister } = instance[hooks] as { onRegister: OnRegister[] };
  const makeChild = onRegister.find(({ name }) => name === 'onRegister');
  if (makeChild === undefined) return;
  const middleware = (instance[list] as unknown[][]).map((args) => args.map(wrapMiddleware));
  const child = Object.create(instance, {
    decorate: { value: () => {} },
    [list]: { value: middleware, writable: true },
  }) as Internal;
  makeChild(child);
  if (!Object.hasOwn(child, engine)) return;
  instance[list] = middleware;
  instance[engine] = child[engine];
}

function wrapMiddleware(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(wrapMiddleware);
  if (typeof value !== 'function') return value;
  return function (this: unknown, ...args: unknown[]) {
    return runBound(args[0] as IncomingMessage, () => Reflect.apply(value as Method, this, args as never));
  };
}

function findSymbol(holder: object, description: string): symbol | undefined {
  return Object.getOwnPropertySymbols(holder).find((symbol) => symbol.description === description);
}
