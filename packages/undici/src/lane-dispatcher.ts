import { LanewayAdapterError, type Lanes, lanesFor } from '@laneway/core';
import { type Dispatch, type Dispatcher, isDispatcher } from './dispatch.js';
import { dispatchInLane } from './dispatch-in-lane.js';
import { watchHops, watchReached } from './hop-watch.js';

/** Any dispatcher of undici, of whichever version. */
export interface AnyDispatcher {
  dispatch(...args: never[]): unknown;
}

type Method = (...args: unknown[]) => unknown;

// What undici's API does by way of `this.dispatch`, which must be ours.
const DISPATCHING: ReadonlySet<PropertyKey> = new Set([
  'request',
  'stream',
  'pipeline',
  'connect',
  'upgrade',
  'compose',
  'constructor',
]);

// What a wrapped dispatcher was made with, so that wrapping it again with the same lanes is the same dispatcher.
const wrapped = new WeakMap<object, Lanes>();

/**
 * Returns a dispatcher of undici that attaches the lane that each request is made in: for `Agent`, `Pool`, `BalancedPool`, `Client`,
 * `ProxyAgent`, `EnvHttpProxyAgent`, `RetryAgent`, `MockAgent` and what `compose` makes of them. It is that dispatcher in everything else.
 *
 * @param lanes @default the lanes of the process, from `LANEWAY_*`
 * @throws {LanewayAdapterError} when it is handed no dispatcher, or no lanes
 * @example
 * import { Agent, setGlobalDispatcher } from 'undici';
 *
 * setGlobalDispatcher(laneDispatcher(new Agent(), lanes));
 */
export function laneDispatcher<D extends AnyDispatcher>(dispatcher: D, lanes?: Lanes): D {
  const target: unknown = dispatcher;
  if (!isDispatcher(target))
    throw new LanewayAdapterError(
      'laneDispatcher was handed no dispatcher. Hand it one of undici, such as new Agent().',
    );
  const own = lanesFor('laneDispatcher', lanes);
  if (wrapped.get(target) === own) return dispatcher;
  const passOn: Dispatch = (options, handler) => target.dispatch(options, handler);
  const dispatch = watchHops(target) ? passOn : watchReached(passOn);
  const result = wrapDispatcher(target, (options, handler) =>
    dispatchInLane(dispatch, options, handler, own, target),
  );
  wrapped.set(result, own);
  return result as AnyDispatcher as D;
}

/** Returns a dispatcher that has another `dispatch`, and is the one that it wraps in everything else. */
export function wrapDispatcher<D extends Dispatcher>(target: D, dispatch: Dispatch): D {
  const methods = new Map<Method, Method>();
  // The rest runs on the dispatcher itself, as it may have private members; what returns it returns ours.
  const methodOf = (method: Method): Method => {
    const known = methods.get(method);
    if (known !== undefined) return known;
    const own: Method = (...args) => {
      const returned = Reflect.apply(method, target, args);
      return returned === target ? result : returned;
    };
    methods.set(method, own);
    return own;
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
