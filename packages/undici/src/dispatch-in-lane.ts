import { type Lanes, whileAttached } from '@laneway/core';
import { bindHandler } from './caller-handler.js';
import { decide, isDecided, judgeAgain } from './decision.js';
import type { Dispatch, DispatchOptions } from './dispatch.js';
import { endDispatch } from './request-watch.js';

/**
 * Dispatches a request in the lane of whoever calls, at the baseline too, unless that was decided further out.
 *
 * @param dispatch hands it on
 * @param dispatcher what it is handed to, when it is known
 */
export function dispatchInLane(
  dispatch: Dispatch,
  options: DispatchOptions,
  handler: object,
  lanes: Lanes,
  dispatcher?: object,
): boolean {
  // undici has errors of its own for what is neither.
  if (!isObject(options) || !isObject(handler)) return dispatch(options, handler);
  if (isDecided(options))
    return dispatch(dispatcher === undefined ? options : judgeAgain(options, dispatcher), handler);
  const decided = decide(options, lanes, lanes.current(), dispatcher);
  return dispatchDecided(dispatch, decided, bindHandler(handler));
}

/** Dispatches a request whose lane is decided, so that OpenTelemetry's instrumentation adds no baggage to it. */
export function dispatchDecided(dispatch: Dispatch, decided: DispatchOptions, handler: object): boolean {
  try {
    return whileAttached(() => dispatch(decided, handler));
  } finally {
    endDispatch();
  }
}

function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null;
}
