import type { EventEmitter } from 'node:events';
import type { IncomingMessage } from 'node:http';
import type { Lanes } from '@laneway/core';
import { bindEmitter, isBound, lanesOf, runBound } from './bind-emitter.js';
import { captureRequest } from './capture-request.js';
import { bindQueuedResponse } from './queued-response.js';
import { warnOfSecondLanes } from './second-lanes.js';

/**
 * Enters the lane of a request, once: the first adapter that meets a request captures its lane and runs `fn` in it, or at the baseline
 * when it has none. Adapters behind it run `fn` in the lane that the request has by then, which a middleware may have set.
 *
 * The request, and the response or socket that answers it, emit in that lane too: their bodies arrive and end in the right one.
 *
 * The base of every inbound adapter that speaks `node:http`.
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

/** Like {@link enterRequest}, for a request that no adapter has met. */
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
