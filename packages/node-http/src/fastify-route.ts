import type { IncomingMessage } from 'node:http';
import { runBound } from './bind-emitter.js';

// The only file that uses internals of fastify 4 and 5. If they have changed, functions and hooks stay unwrapped.

/** A function that fastify calls for a request: a hook, parser, handler or error handler. */
type RouteFunction = (this: unknown, ...args: unknown[]) => unknown;

type Internal = Record<PropertyKey, unknown>;

const HOOKS = [
  'onRequest',
  'preParsing',
  'preValidation',
  'preHandler',
  'preSerialization',
  'onSend',
  'onResponse',
  'onError',
  'onTimeout',
  'onRequestAbort',
] as const;

const seen = new WeakSet<object>();
const wrapped = new WeakSet<RouteFunction>();
let contextKey: symbol | undefined;

/**
 * Wraps every function of a request's route, so that fastify calls each in the context of its request. Otherwise, after a hook calls `done`
 * from the callback of a shared connection, the next functions would run in another request's lane.
 */
export function enterFastifyRoute(request: object): void {
  if (contextKey === undefined || !Object.hasOwn(request, contextKey))
    contextKey = findKey(request, 'fastify.context');
  // Early versions of fastify 4 store it by name.
  const route = Reflect.get(request, contextKey ?? 'context') as unknown;
  if (isInternal(route) && !seen.has(route)) wrapFunctions(route);
}

function wrapFunctions(route: Internal): void {
  seen.add(route);
  for (const name of HOOKS) {
    const hooks = route[name];
    if (Array.isArray(hooks)) for (const index of hooks.keys()) wrap(hooks, index, 0);
  }
  wrap(route, 'handler', 0);
  wrapParsers(route.contentTypeParser);
  wrapErrorHandlers(route.errorHandler);
  // `reply.callNotFound` uses this route.
  const notFound = readInternal(route, 'fastify.404ContextKey');
  if (isInternal(notFound) && !seen.has(notFound)) wrapFunctions(notFound);
}

function wrapParsers(parser: unknown): void {
  const parsers = isInternal(parser) ? parser.customParsers : undefined;
  const all: unknown[] = parsers instanceof Map ? [...parsers.values()] : Object.values(parsers ?? {});
  for (const one of all) if (isInternal(one)) wrap(one, 'fn', 0);
}

/** Wraps a chain of error handlers: each inherits from that of the outer plugin. Not the last one, which all applications share. */
function wrapErrorHandlers(handler: unknown): void {
  if (!isInternal(handler)) return;
  const outer: unknown = Object.getPrototypeOf(handler);
  if (outer === Object.prototype) return;
  wrap(handler, 'func', 1);
  wrapErrorHandlers(outer);
}

/** @param position the index of the request among the arguments */
function wrap(holder: object, key: string | number, position: number): void {
  const original = Reflect.get(holder, key) as unknown;
  if (typeof original !== 'function' || wrapped.has(original as RouteFunction)) return;
  const wrapper: RouteFunction = function (...args) {
    const { raw } = args[position] as { readonly raw: IncomingMessage };
    return runBound(raw, () => Reflect.apply(original, this, args));
  };
  wrapped.add(wrapper);
  Reflect.set(holder, key, wrapper);
}

/** Moves an `onRequest` hook before those that were added earlier to an application or a plugin. */
export function moveHookFirst(instance: object, hook: unknown): void {
  const hooks = readInternal(instance, 'fastify.hooks');
  const list = isInternal(hooks) ? hooks.onRequest : undefined;
  if (Array.isArray(list) && list.includes(hook)) list.unshift(...list.splice(list.indexOf(hook), 1));
  const children = readInternal(instance, 'fastify.children');
  if (Array.isArray(children))
    for (const child of children) if (isInternal(child)) moveHookFirst(child, hook);
}

function readInternal(holder: object, description: string): unknown {
  const key = findKey(holder, description);
  return key && Reflect.get(holder, key);
}

function findKey(holder: object, description: string): symbol | undefined {
  return Object.getOwnPropertySymbols(holder).find((symbol) => symbol.description === description);
}

function isInternal(value: unknown): value is Internal {
  return typeof value === 'object' && value !== null;
}
