import { BASELINE, type Lanes, whileAttached } from '@laneway/core';
import { bindHandler } from './bind-handler.js';
import type { Dispatch, DispatchOptions } from './dispatch.js';
import { attachToHop, isDecided, reattachToHop } from './hop.js';

/**
 * Dispatches a request in the lane of the code that calls, unless that was decided further out.
 *
 * @param dispatch passes it on
 * @param dispatcher what it is passed to, if it is known
 */
export function dispatchInLane(
  dispatch: Dispatch,
  options: DispatchOptions,
  handler: object,
  lanes: Lanes,
  dispatcher?: object,
): boolean {
  // undici has errors of its own for wrong arguments.
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

function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null;
}
