import Module from 'node:module';
import type { Dispatcher } from './dispatch.js';
import { globalDispatchers } from './global-dispatcher.js';
import { isObject } from './internals.js';

/** The `DispatcherBase.prototype` of one copy of undici, from which its dispatchers inherit `dispatch`. */
export type DispatcherBase = Dispatcher & object;

// The file of undici 6 to 8 that exports `DispatcherBase`.
const BASE_FILE = /[\\/]dispatcher-base\.js$/;
// The files of the classes that implement the method under the symbol `dispatch`.
const DISPATCHER_FILE =
  /[\\/]undici[^\\/]*[\\/]lib[\\/](?:dispatcher[\\/])?[\w-]*(?:agent|pool|pool-base|client|h2c-client)\.js$/;
const PROXY_FILE = /[\\/]undici[^\\/]*[\\/]lib[\\/](?:dispatcher[\\/])?proxy-agent\.js$/;
// `require.cache`. Not `createRequire(import.meta.url)`, which throws in a service that is bundled as CommonJS.
const loaded = (Module as { _cache?: NodeJS.Require['cache'] })._cache ?? {};

/**
 * Finds the `DispatcherBase.prototype` of each loaded copy of undici: in `require.cache`, and through the global dispatchers, one of which
 * may belong to Node's built-in undici.
 *
 * @param dispatcher another dispatcher to look at, whose copy of undici may be in a bundle
 */
export function findBases(dispatcher?: object): Set<DispatcherBase> {
  const bases = new Set<DispatcherBase>();
  for (const { prototype } of findExports(BASE_FILE)) if (isBase(prototype)) bases.add(prototype);
  for (const known of [dispatcher, ...globalDispatchers()]) {
    let kind: unknown = known && Object.getPrototypeOf(known);
    for (; isObject(kind); kind = Object.getPrototypeOf(kind)) if (isBase(kind)) bases.add(kind);
  }
  return bases;
}

/** The method of one of undici's classes that dispatches a request. */
export interface DispatchMethod {
  readonly prototype: object;
  readonly key: symbol | 'dispatch';
}

/**
 * Finds the method by which each class of dispatchers sends a request, below its interceptors, in every loaded copy of undici. It is an
 * internal of undici, and a copy in a bundle is not found.
 */
export function findDispatchMethods(): DispatchMethod[] {
  const classes = findExports(DISPATCHER_FILE).flatMap((exports) =>
    [exports].concat(Object.values(exports) as never),
  );
  return classes.flatMap((kind) => {
    const { prototype } = (typeof kind === 'function' ? kind : {}) as { prototype?: object };
    const key = prototype && Object.getOwnPropertySymbols(prototype).find(isDispatchKey);
    return prototype === undefined || key === undefined ? [] : [{ prototype, key }];
  });
}

/**
 * Finds `ProxyAgent` in each loaded copy of undici. It overrides `dispatch`, and sends what it dispatches by an agent inside, which does not
 * know of the proxy.
 */
export function findProxyAgents(): DispatchMethod[] {
  return findExports(PROXY_FILE).flatMap(({ prototype }) =>
    hasOwnDispatch(prototype) ? [{ prototype: prototype as object, key: 'dispatch' as const }] : [],
  );
}

/** Finds the method by which the pools of each loaded copy of undici accept a request, which may then wait in their queue. */
export function findPools(): DispatchMethod[] {
  return findDispatchMethods().filter(({ prototype }) => prototype.constructor.name === 'PoolBase');
}

function isDispatchKey({ description }: symbol): boolean {
  return description === 'dispatch';
}

function findExports(file: RegExp): Record<string, unknown>[] {
  const names = Object.keys(loaded).filter((name) => file.test(name));
  return names.map((name) => (loaded[name]?.exports ?? {}) as Record<string, unknown>);
}

/** Whether an object is a prototype that overrides the `dispatch` of undici's root class, `Dispatcher`. */
export function isBase(kind: unknown): kind is DispatcherBase {
  return isObject(kind) && hasOwnDispatch(kind) && hasOwnDispatch(Object.getPrototypeOf(kind));
}

function hasOwnDispatch(kind: unknown): boolean {
  return isObject(kind) && typeof Object.getOwnPropertyDescriptor(kind, 'dispatch')?.value === 'function';
}
