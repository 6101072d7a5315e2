import Module from 'node:module';
import type { Dispatcher } from './dispatch.js';
import { globalDispatchers } from './global-dispatcher.js';
import { isObject } from './internals.js';

/** A prototype whose `dispatch` the dispatchers of a copy of undici inherit: `DispatcherBase.prototype`. */
export type DispatcherBase = Dispatcher & object;

// `Agent`, `Pool` and `Client` of undici 6 to 8 have their `dispatch` from this file, which exports the class.
const BASE_FILE = /[\\/]dispatcher-base\.js$/;
// The classes that have a dispatch of their own.
const DISPATCHER_FILE =
  /[\\/]undici[^\\/]*[\\/]lib[\\/](?:dispatcher[\\/])?[\w-]*(?:agent|pool|pool-base|client|h2c-client)\.js$/;
// `require.cache`. Not `createRequire(import.meta.url)`, which throws in a service that is bundled as CommonJS.
const loaded = (Module as { _cache?: NodeJS.Require['cache'] })._cache ?? {};

/**
 * Finds what the dispatchers of each loaded copy of undici inherit from: in the modules of the process, and from the global dispatchers,
 * of which one may be that of the undici in Node itself.
 *
 * @param dispatcher one whose copy may be in a bundle
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

/** A method of a class of undici's. */
export interface DispatchMethod {
  readonly prototype: object;
  readonly key: symbol;
}

/**
 * Finds the method that each class of dispatchers dispatches by, below its interceptors, in every loaded copy of undici. An internal of
 * undici: a copy in a bundle is not found.
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

/** Finds where the pools of each loaded copy of undici take in requests, to let them wait. */
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

/** Whether it is a prototype that overrides the `dispatch` of undici's root class, `Dispatcher`. */
export function isBase(kind: unknown): kind is DispatcherBase {
  return isObject(kind) && hasOwnDispatch(kind) && hasOwnDispatch(Object.getPrototypeOf(kind));
}

function hasOwnDispatch(kind: unknown): boolean {
  return isObject(kind) && typeof Object.getOwnPropertyDescriptor(kind, 'dispatch')?.value === 'function';
}
