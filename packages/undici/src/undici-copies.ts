import Module from 'node:module';
import { judgeAgain } from './decision.js';
import type { Dispatch, Dispatcher } from './dispatch.js';
import { globalDispatchers } from './global-dispatcher.js';

/** A prototype whose `dispatch` the dispatchers of a copy of undici inherit: `DispatcherBase.prototype`. */
export type DispatcherBase = Dispatcher & object;

// `Agent`, `Pool` and `Client` of undici 6 to 8 have their `dispatch` from this file, which exports the class.
const BASE_FILE = /[\\/]dispatcher-base\.js$/;
const POOL_FILE = /[\\/]pool-base\.js$/;
// `require.cache`. Not `createRequire(import.meta.url)`, which throws in a service that is bundled as CommonJS.
const loaded = (Module as { _cache?: NodeJS.Require['cache'] })._cache ?? {};

const watched = new WeakSet<object>();
const searchedFor = new WeakSet<object>();

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

/**
 * Finds where the pools of each loaded copy of undici take in requests, to let them wait: `PoolBase.prototype`, and the symbol of the
 * method. What a pool's `compose` made before the prototype of {@link findBases} was changed goes there without it.
 */
export function findPools(): { prototype: object; key: symbol }[] {
  return findExports(POOL_FILE).flatMap(({ PoolBase }) => {
    const { prototype } = (PoolBase ?? {}) as { prototype?: object };
    const symbols = prototype === undefined ? [] : Object.getOwnPropertySymbols(prototype);
    const key = symbols.find(({ description }) => description === 'dispatch');
    return prototype === undefined || key === undefined ? [] : [{ prototype, key }];
  });
}

function findExports(file: RegExp): Record<string, unknown>[] {
  const names = Object.keys(loaded).filter((name) => file.test(name));
  return names.map((name) => (loaded[name]?.exports ?? {}) as Record<string, unknown>);
}

/**
 * Sees to it that a request whose lane is decided is judged once more where it goes somewhere else: an interceptor below ours may
 * follow a redirect with the headers of the first hop. Nothing else goes another way than before.
 *
 * Done once for each copy of undici, and never undone: without a decision it costs looking for one.
 */
export function watchCopies(dispatcher?: object): void {
  const kind: unknown = dispatcher && Object.getPrototypeOf(dispatcher);
  if (isObject(kind)) {
    if (searchedFor.has(kind)) return;
    searchedFor.add(kind);
  }
  for (const base of findBases(dispatcher)) {
    if (watched.has(base)) continue;
    watched.add(base);
    const { dispatch } = base;
    const value: Dispatch = function (this: Dispatcher, options, handler) {
      return dispatch.call(this, isObject(options) ? judgeAgain(options, this) : options, handler);
    };
    Object.defineProperty(base, 'dispatch', { value, configurable: true, writable: true });
  }
}

/** Whether it is a prototype that overrides the `dispatch` of undici's root class, `Dispatcher`. */
export function isBase(kind: unknown): kind is DispatcherBase {
  return isObject(kind) && hasOwnDispatch(kind) && hasOwnDispatch(Object.getPrototypeOf(kind));
}

function hasOwnDispatch(kind: unknown): boolean {
  return isObject(kind) && typeof Object.getOwnPropertyDescriptor(kind, 'dispatch')?.value === 'function';
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
