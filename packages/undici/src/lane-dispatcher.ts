import { type Lanes, lanesFor, wrongArgument } from '@laneway/core';
import { type Dispatch, type Dispatcher, isDispatcher } from './dispatch.js';
import { dispatchInLane } from './dispatch-in-lane.js';
import { watchHops } from './hop-watch.js';
import { watchReached } from './reached-dispatchers.js';

/** A dispatcher of any version of undici. */
export interface AnyDispatcher {
  dispatch(...args: never[]): unknown;
}

type Method = (...args: unknown[]) => unknown;

// These members call `this.dispatch`, so they must run on the wrapper and not on the original.
const DISPATCHING: ReadonlySet<PropertyKey> = new Set([
  'request',
  'stream',
  'pipeline',
  'connect',
  'upgrade',
  'compose',
  'constructor',
]);

// The lanes of each wrapped dispatcher: wrapping it again with the same lanes returns the same dispatcher.
const wrapped = new WeakMap<object, Lanes>();

/**
 * Wraps a dispatcher of undici: each request carries the lane of the code that makes it. Everything else works as on the original.
 *
 * Works with `Agent`, `Pool`, `BalancedPool`, `Client`, `ProxyAgent`, `EnvHttpProxyAgent`, `RetryAgent`, `MockAgent` and what `compose`
 * returns.
 *
 * @param dispatcher the original, which is not changed for other callers
 * @param lanes @default the lanes of the process, from `LANEWAY_*`
 * @throws {LanewayAdapterError} when `dispatcher` is not a dispatcher, or `lanes` are not lanes
 * @example
 * import { Agent, setGlobalDispatcher } from 'undici';
 *
 * setGlobalDispatcher(laneDispatcher(new Agent(), lanes));
 */
export function laneDispatcher<D extends AnyDispatcher>(dispatcher: D, lanes?: Lanes): D {
  const target: unknown = dispatcher;
  if (!isDispatcher(target))
    throw wrongArgument(
      'laneDispatcher',
      target,
      'a dispatcher of undici',
      'new Agent(), new Pool(origin) or any other dispatcher',
    );
  const resolved = lanesFor('laneDispatcher', lanes);
  if (wrapped.get(target) === resolved) return dispatcher;
  const original: Dispatch = (options, handler) => target.dispatch(options, handler);
  const dispatch = watchHops(target) ? original : watchReached(original);
  const result = wrapDispatcher(target, (options, handler) =>
    dispatchInLane(dispatch, options, handler, resolved, target),
  );
  wrapped.set(result, resolved);
  return result as AnyDispatcher as D;
}

/** Returns a dispatcher that uses `dispatch`, and works like `target` in everything else. */
export function wrapDispatcher<D extends Dispatcher>(target: D, dispatch: Dispatch): D {
  const methods = new Map<Method, Method>();
  // Other methods run on the original, which may have private members. Where they return it, return the wrapper.
  const methodOf = (method: Method): Method => {
    const known = methods.get(method);
    if (known !== undefined) return known;
    const wrapper: Method = (...args) => {
      const returned = Reflect.apply(method, target, args);
      return returned === target ? result : returned;
    };
    methods.set(method, wrapper);
    return wrapper;
  };
  const result = new Proxy(target, {
    get(_, key): unknown {
      if (key === 'dispatch') return dispatch;
      const value: unknown = Reflect.get(target, key, target);
      return typeof value === 'function' && !DISPATCHING.has(key) ? methodOf(value as Method) : value;
    },
    set: (_, key, value) => Reflect.set(target, key, value, target),
  });
  return result;
}
