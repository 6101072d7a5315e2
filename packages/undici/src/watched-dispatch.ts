import type { Dispatch, Dispatcher } from './dispatch.js';
import { DISPATCH, watchHops } from './hop-watch.js';
import { findSymbol } from './internals.js';
import { watchReached } from './reached-dispatchers.js';

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
