import type { EventEmitter } from 'node:events';
import type { IncomingMessage } from 'node:http';
import type { Lanes } from '@laneway/core';
import { bindEmitter } from './bind-emitter.js';
import { captureRequest } from './capture-request.js';
import { bindQueuedResponse } from './queued-response.js';

/**
 * Runs `fn` in the lane of a request, or at the baseline when it has none. The request, and the response or socket that answers
 * it, emit in that lane from now on: their bodies arrive and end in the right one.
 *
 * The floor under every inbound adapter that speaks `node:http`.
 */
export function runRequest<T>(lanes: Lanes, request: IncomingMessage, answer: EventEmitter, fn: () => T): T {
  return lanes.run(captureRequest(lanes, request), () => {
    bindEmitter(answer, bindEmitter(request));
    bindQueuedResponse(answer, lanes);
    return fn();
  });
}
