import { createRequire } from 'node:module';
import { judgeAgain } from './decision.js';
import type { Dispatch, Dispatcher } from './dispatch.js';
import { globalDispatchers } from './global-dispatcher.js';

/** A prototype whose `dispatch` the dispatchers of a copy of undici inherit: `DispatcherBase.prototype`. */
export type DispatcherBase = Dispatcher & object;

// `Agent`, `Pool` and `Client` of undici 6 to 8 have their `dispatch` from this file, which exports the class.
const BASE_FILE = /[\\/]dispatcher-base\.js$/;
const loaded = createRequire(import.meta.url).cache;

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
  for (const file in loaded) {
    if (!BASE_FILE.test(file)) continue;
    const { prototype } = (loaded[file]?.exports ?? {}) as { prototype?: object };
    if (prototype !== undefined && isBase(prototype)) bases.add(prototype);
  }
  for (const known of [dispatcher, ...globalDispatchers()]) {
    let kind: unknown = known && Object.getPrototypeOf(known);
    for (; isObject(kind); kind = Object.getPrototypeOf(kind)) if (isBase(kind)) bases.add(kind);
  }
  return bases;
}

/**
 * Replaces the `dispatch` of a prototype.
 *
 * @param wrap makes the new one, whose `this` is the dispatcher that is asked
 * @returns puts the former one back, unless somebody has replaced it since then
 */
export function wrapDispatch(base: DispatcherBase, wrap: (dispatch: Dispatch) => Dispatch): () => void {
  const { dispatch } = base;
  const wrapped = wrap(dispatch);
  const define = (value: Dispatch): unknown =>
    Object.defineProperty(base, 'dispatch', { value, configurable: true, writable: true });
  define(wrapped);
  return () => {
    if (base.dispatch === wrapped) define(dispatch);
  };
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
    wrapDispatch(
      base,
      (dispatch) =>
        function (this: Dispatcher, options, handler) {
          return dispatch.call(this, isObject(options) ? judgeAgain(options, this) : options, handler);
        },
    );
  }
}

/** Whether a prototype overrides the `dispatch` of undici's root class, `Dispatcher`. */
function isBase(kind: object): kind is DispatcherBase {
  return hasOwnDispatch(kind) && hasOwnDispatch(Object.getPrototypeOf(kind));
}

function hasOwnDispatch(kind: unknown): boolean {
  return isObject(kind) && typeof Object.getOwnPropertyDescriptor(kind, 'dispatch')?.value === 'function';
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
