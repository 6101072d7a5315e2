// The only file that uses internals of @fastify/middie, and of its copies in NestJS. If they have changed, middleware runs in the context
// in which `next` is called, and the contract tests of @laneway/nestjs fail.
import type { IncomingMessage } from 'node:http';
import { type Method, override } from '@laneway/core';
import { runBound } from './bind-emitter.js';

type Internal = Record<PropertyKey, unknown>;
type OnRegister = (instance: object) => void;

/** Makes the middleware of a fastify instance with `use` run in the lane of its request, wherever `next` is called. Covers existing and later middleware. */
export function enterMiddleware(instance: object): void {
  try {
    rebuildEngine(instance as Internal);
  } catch {
    // The method `use` belongs to another plugin.
  }
  override(instance, {
    use: (original) =>
      function (this: unknown, ...args: unknown[]) {
        return Reflect.apply(original, this, args.map(wrapMiddleware) as never);
      },
  });
}

/**
 * Replaces the middleware that is already in the engine of an instance, which gives no access to it. middie builds a new engine for each
 * child instance, from the list of middleware. So this builds a child with wrapped middleware, and gives its engine to the instance.
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
