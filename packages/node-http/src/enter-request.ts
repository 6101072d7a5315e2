import type { EventEmitter } from 'node:events';
import type { IncomingMessage } from 'node:http';
import type { Lanes } from '@laneway/core';
import { bindEmitter, isBound, lanesOf, runBound } from './bind-emitter.js';
import { captureRequest } from './capture-request.js';
import { bindQueuedResponse } from './queued-response.js';
import { warnOfSecondLanes } from './second-lanes.js';

/**
 * Runs `fn` in the lane of a request, and returns its result.
 *
 * The first adapter on a request captures its lane and runs `fn` in it, or at the baseline when it has none. Later adapters run `fn` in the
 * lane that the request has by then, which a middleware may have set. Listeners of the request, the response and the socket run in that lane
 * too.
 *
 * @example
 * app.use((request, response, next) => enterRequest(lanes, request, response, () => next()));
 */
export function enterRequest<T>(
  lanes: Lanes,
  request: IncomingMessage,
  answer: EventEmitter,
  fn: () => T,
): T {
  if (!isBound(request)) return runRequest(lanes, request, answer, fn);
  const first = lanesOf(request);
  if (first !== lanes && first !== undefined) warnOfSecondLanes(first, lanes);
  return runBound(request, fn);
}

/** Like {@link enterRequest}, for a request that no adapter has entered. */
export function runRequest<T>(lanes: Lanes, request: IncomingMessage, answer: EventEmitter, fn: () => T): T {
  const enter = (): T => {
    const binding = bindEmitter(request);
    binding.place.lanes = lanes;
    bindEmitter(answer, binding);
    bindQueuedResponse(answer, lanes);
    return fn();
  };
  return lanes.run(captureRequest(lanes, request), enter, {});
}
