import type { Method } from '@laneway/core';
import type { Dispatch, Dispatcher, DispatchOptions } from './dispatch.js';
import { hopOf, reattachToHop } from './hop.js';
import { watchHops } from './hop-watch.js';
import { findDispatchMethods, findProxyAgents } from './undici-copies.js';

/** The state of one watched dispatch function. */
interface Watch {
  /** The hops that the function has dispatched. */
  readonly hops: WeakSet<object>;
  /** Whether one of these hops has reached a dispatcher. */
  reached: boolean;
}

/** The watches whose hops have not reached a dispatcher yet. undici's classes are patched while there are any. */
const waiting = new Set<Watch>();
const restores: (() => void)[] = [];

/**
 * Returns a dispatch function that finds the dispatcher that its calls reach, and passes it to {@link watchHops}. For composed dispatchers
 * that hide the dispatcher inside.
 *
 * It patches undici's classes from the first call with a lane until that call reaches a dispatcher. This may take a while: an interceptor
 * may wait, for example for a token.
 */
export function watchReached(dispatch: Dispatch): Dispatch {
  const watch: Watch = { hops: new WeakSet(), reached: false };
  return (options, handler) => {
    const hop = watch.reached ? undefined : hopOf(options);
    if (hop !== undefined) {
      if (!waiting.has(watch)) patchClasses();
      waiting.add(watch);
      watch.hops.add(hop);
    }
    return dispatch(options, handler);
  };
}

/** Patches the classes that are not patched yet. Called again for each watch, because a copy of undici may be loaded later. */
function patchClasses(): void {
  const patch = (original: Method): Method => {
    const reached: Dispatch = function (this: Dispatcher, options, handler) {
      noteReached(this, options);
      return Reflect.apply(original as Dispatch, this, [reattachToHop(options, this), handler]);
    };
    return reached;
  };
  for (const { prototype, key } of [...findDispatchMethods(), ...findProxyAgents()])
    if (!patched.has(Reflect.get(prototype, key) as object)) restores.push(replace(prototype, key, patch));
}

function noteReached(dispatcher: Dispatcher, options: DispatchOptions): void {
  // undici 6 keeps calling a cached replacement.
  const hop = waiting.size === 0 ? undefined : hopOf(options);
  if (hop === undefined) return;
  const reaching = [...waiting].filter(({ hops }) => hops.has(hop));
  if (reaching.length === 0) return;
  for (const watch of reaching) {
    watch.reached = true;
    waiting.delete(watch);
  }
  if (waiting.size === 0) for (const restore of restores.splice(0)) restore();
  watchHops(dispatcher);
}

const patched = new WeakSet<object>();

/**
 * Like `override`, but a stored replacement keeps working after the restore. undici 6 caches the method at the first call of a dispatcher,
 * and then sends the redirects of that call with the cached method.
 */
function replace(prototype: object, key: PropertyKey, wrap: (original: Method) => Method): () => void {
  const before = Object.getOwnPropertyDescriptor(prototype, key);
  if (typeof before?.value !== 'function') return () => {};
  const value = wrap(before.value as Method);
  patched.add(value);
  Reflect.defineProperty(prototype, key, { ...before, value });
  return () => {
    // Other code may have wrapped the method since then.
    if (Reflect.get(prototype, key) === value) Reflect.defineProperty(prototype, key, before);
  };
}
