import type { Method } from '@laneway/core';
import type { Dispatch, Dispatcher, DispatchOptions } from './dispatch.js';
import { hopOf, reattachToHop } from './hop.js';
import { watchHops } from './hop-watch.js';
import { findDispatchMethods, findProxyAgents } from './undici-copies.js';

/** A dispatch function that has not reached a dispatcher yet. */
interface Seeker {
  /** The hops that it has dispatched. */
  readonly hops: WeakSet<object>;
  found: boolean;
}

const seekers = new Set<Seeker>();
const restores: (() => void)[] = [];

/**
 * Returns a dispatch function that watches the dispatcher which it reaches, for those that {@link watchHops} does not find. It patches
 * undici's classes from its first call with a lane until that call reaches a dispatcher: an interceptor may wait, for a token for example.
 */
export function watchReached(dispatch: Dispatch): Dispatch {
  const seeker: Seeker = { hops: new WeakSet(), found: false };
  return (options, handler) => {
    const hop = seeker.found ? undefined : hopOf(options);
    if (hop !== undefined) {
      if (!seekers.has(seeker)) patchClasses();
      seekers.add(seeker);
      seeker.hops.add(hop);
    }
    return dispatch(options, handler);
  };
}

/** Adds our method to the classes that do not have it yet: a copy of undici may be loaded later. */
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
  const hop = hopOf(options);
  if (hop === undefined) return;
  const reaching = [...seekers].filter(({ hops }) => hops.has(hop));
  if (reaching.length === 0) return;
  for (const seeker of reaching) {
    seeker.found = true;
    seekers.delete(seeker);
  }
  if (seekers.size === 0) for (const restore of restores.splice(0)) restore();
  watchHops(dispatcher);
}

const patched = new WeakSet<object>();

/**
 * Like `override`, but the replacement keeps working where somebody has stored it: undici 6 caches the method at the first call of a
 * dispatcher, and an interceptor then sends the redirects of that call by it.
 */
function replace(prototype: object, key: PropertyKey, wrap: (original: Method) => Method): () => void {
  const before = Object.getOwnPropertyDescriptor(prototype, key);
  if (typeof before?.value !== 'function') return () => {};
  const value = wrap(before.value as Method);
  patched.add(value);
  Reflect.defineProperty(prototype, key, { ...before, value });
  return () => {
    // Others may have wrapped it since then.
    if (Reflect.get(prototype, key) === value) Reflect.defineProperty(prototype, key, before);
  };
}
