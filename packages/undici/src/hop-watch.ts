import { type Method, override } from '@laneway/core';
import { sendsToSame } from './destinations.js';
import type { Dispatch, Dispatcher } from './dispatch.js';
import { reattachToHop } from './hop.js';
import { findSymbol, isObject, readInternal } from './internals.js';
import { findDispatchMethods, findProxyAgents } from './undici-copies.js';

// Internals of undici. `dispatch` of every dispatcher calls the method under the symbol `dispatch`, below all interceptors.
const DISPATCH = 'dispatch';
const INTERCEPTED = 'Intercepted Dispatch';
// The agent inside a `ProxyAgent`, which makes the connections.
const PROXY = 'proxy agent';

// A registered symbol, so that two copies of this package watch a dispatcher once.
const WATCHED = Symbol.for('laneway.undici.watched.1');

/**
 * Makes a dispatcher check egress again for each hop that an interceptor below Laneway sends. A redirect interceptor copies the headers of
 * the previous hop, whatever its destination. The dispatcher's class is not patched, and requests without a lane pass unchanged.
 *
 * @returns whether the dispatcher can be watched: a `RetryAgent`, and in undici 6 a composed dispatcher, hides the dispatcher inside
 */
export function watchHops(dispatcher: object): boolean {
  const key = findSymbol(dispatcher, DISPATCH);
  if (key === undefined) return watchProxy(dispatcher);
  const current: unknown = Reflect.get(dispatcher, key);
  if (typeof current !== 'function') return false;
  if (WATCHED in current) return true;
  const isBalanced = 'upstreams' in dispatcher;
  const watch = (original: Method): Method => {
    const dispatch: Dispatch = function (this: Dispatcher, options, handler) {
      if (isBalanced) watchAll(readInternal(dispatcher, 'clients'));
      return Reflect.apply(original as Dispatch, this, [reattachToHop(options, this), handler]);
    };
    return Object.assign(dispatch as unknown as Method, { [WATCHED]: true });
  };
  override(dispatcher, { [key]: watch });
  // undici 6 caches the method at its first call.
  const intercepted = findSymbol(dispatcher, INTERCEPTED);
  if (intercepted !== undefined) Reflect.deleteProperty(dispatcher, intercepted);
  watchAll([readInternal(dispatcher, 'http proxy agent'), readInternal(dispatcher, 'https proxy agent')]);
  return true;
}

/**
 * Watches the agent inside a `ProxyAgent`. Not `dispatch` of the `ProxyAgent` itself: what wraps that, a composed dispatcher or one of
 * Laneway, is a proxy object, and a method that is set on it replaces that of the `ProxyAgent` by one that calls the wrapper.
 */
function watchProxy(dispatcher: object): boolean {
  const agent = noteProxy(dispatcher);
  return agent !== undefined && watchHops(agent);
}

/** Notes that the agent inside a `ProxyAgent` sends through its proxy. Returns that agent. */
export function noteProxy(dispatcher: object): object | undefined {
  const agent = readInternal(dispatcher, PROXY);
  if (!isObject(agent)) return undefined;
  sendsToSame(agent, dispatcher);
  return agent;
}

const MOST_TRIES = 10;

/**
 * Returns a dispatch function that watches the dispatchers which it calls, for those that {@link watchHops} does not find. It patches
 * undici's classes while each of its first ten calls runs, and stops earlier when it has found a dispatcher to watch.
 */
export function watchReached(dispatch: Dispatch): Dispatch {
  let tries = 0;
  return (options, handler) => {
    if (tries >= MOST_TRIES) return dispatch(options, handler);
    tries++;
    const watch = (original: Method): Method => {
      const reached: Dispatch = function (this: Dispatcher, ...args) {
        if (watchHops(this)) tries = MOST_TRIES;
        return Reflect.apply(original as Dispatch, this, [reattachToHop(args[0], this), args[1]]);
      };
      return reached;
    };
    const methods = [...findDispatchMethods(), ...findProxyAgents()];
    const restores = methods.map(({ prototype, key }) => replace(prototype, key, watch));
    try {
      return dispatch(options, handler);
    } finally {
      for (const restore of restores) restore();
    }
  };
}

/**
 * Like `override`, but the replacement keeps working where somebody has stored it: undici 6 caches the method at the first call of a
 * dispatcher, and an interceptor then sends the redirects of that call by it.
 */
function replace(prototype: object, key: PropertyKey, wrap: (original: Method) => Method): () => void {
  const before = Object.getOwnPropertyDescriptor(prototype, key);
  if (typeof before?.value !== 'function') return () => {};
  Reflect.defineProperty(prototype, key, { ...before, value: wrap(before.value as Method) });
  return () => Reflect.defineProperty(prototype, key, before);
}

const dispatches = new WeakMap<Dispatcher, Dispatch>();

/**
 * Returns the dispatch of a dispatcher that fetch is called with. It watches one that may send a hop to another destination: one with
 * interceptors, upstreams or proxies inside.
 */
export function dispatchOf(dispatcher: Dispatcher): Dispatch {
  let dispatch = dispatches.get(dispatcher);
  if (dispatch === undefined) {
    const passOn: Dispatch = (options, handler) => dispatcher.dispatch(options, handler);
    dispatch = isPlain(dispatcher) || watchHops(dispatcher) ? passOn : watchReached(passOn);
    dispatches.set(dispatcher, dispatch);
  }
  return dispatch;
}

function isPlain(dispatcher: Dispatcher): boolean {
  const { dispatch } = Object.getPrototypeOf(dispatcher) as Partial<Dispatcher>;
  if (dispatcher.dispatch !== dispatch || 'upstreams' in dispatcher) return false;
  return findSymbol(dispatcher, DISPATCH) !== undefined && !findSymbol(dispatcher, 'http proxy agent');
}

/** Watches the dispatchers that another one chooses from: the upstreams of a `BalancedPool`, the proxies of an `EnvHttpProxyAgent`. */
function watchAll(choices: unknown): void {
  if (Array.isArray(choices)) for (const choice of choices) if (isObject(choice)) watchHops(choice);
}
