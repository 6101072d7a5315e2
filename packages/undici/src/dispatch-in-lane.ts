import { BASELINE, type Lanes, whileAttached } from '@laneway/core';
import { bindHandler } from './bind-handler.js';
import type { Dispatch, DispatchOptions } from './dispatch.js';
import { attachToHop, isDecided, reattachToHop } from './hop.js';
import { isObject } from './internals.js';

/**
 * Dispatches a request with the caller's lane, unless an outer wrapper or interceptor of Laneway has attached one already.
 *
 * @param dispatch sends the request
 * @param dispatcher the dispatcher that `dispatch` calls, if it is known
 * @returns what `dispatch` returns
 */
export function dispatchInLane(
  dispatch: Dispatch,
  options: DispatchOptions,
  handler: object,
  lanes: Lanes,
  dispatcher?: object,
): boolean {
  // undici rejects wrong arguments.
  if (!isObject(options) || !isObject(handler) || !hasPlainHeaders(options))
    return dispatch(options, handler);
  if (isDecided(options))
    return dispatch(dispatcher === undefined ? options : reattachToHop(options, dispatcher), handler);
  const lane = lanes.current();
  const attached = attachToHop(options, { lanes, lane }, dispatcher);
  const bound = bindHandler(handler);
  return lane === BASELINE ? dispatch(attached, bound) : whileAttached(() => dispatch(attached, bound));
}

function hasPlainHeaders({ headers }: DispatchOptions): boolean {
  return headers === undefined || headers === null || typeof headers === 'object';
}
