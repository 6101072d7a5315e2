import { type Method, override } from '@laneway/core';
import { sendsToSame } from './destinations.js';
import type { Dispatch, Dispatcher } from './dispatch.js';
import { reattachToHop } from './hop.js';
import { findSymbol, isObject, readInternal } from './internals.js';

/** The description of the symbol under which undici keeps the method that sends a request, below all interceptors. */
export const DISPATCH = 'dispatch';
// The cache of that method in undici 6.
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

/** Watches the dispatchers that another one chooses from: the upstreams of a `BalancedPool`, the proxies of an `EnvHttpProxyAgent`. */
function watchAll(choices: unknown): void {
  if (Array.isArray(choices)) for (const choice of choices) if (isObject(choice)) watchHops(choice);
}
