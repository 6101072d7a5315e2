import type { EventEmitter } from 'node:events';
import type { ClientRequest } from 'node:http';
import { context } from '@opentelemetry/api';
import { snapshot } from '@laneway/core';
import { bindEmitter } from './bind-emitter.js';

// The events of a request that hand out a response, and perhaps the socket with it.
const ANSWERS: ReadonlySet<string | symbol> = new Set(['response', 'upgrade', 'connect']);

/**
 * Makes the events of an outgoing request, and those of its response, run in the context of this moment: on a pooled connection
 * they would else come from whoever opened it.
 */
export function bindRequest(request: ClientRequest): void {
  const enter = snapshot();
  const instrumented = Object.hasOwn(request, 'on');
  bindEmitter(request);
  const emit: EventEmitter['emit'] = request.emit;
  // Not a listener of its own: Node discards the body of a response that nobody listens for, and must go on doing so.
  request.emit = (...args: Parameters<typeof emit>): boolean => {
    if (ANSWERS.has(args[0])) {
      const [, response, socket] = args as unknown[] as [string, EventEmitter, EventEmitter?];
      enter(() => {
        // OpenTelemetry's http instrumentation binds the response in a listener, to a context without baggage; the first wins.
        if (instrumented) context.bind(context.active(), response);
        bindEmitter(response);
        if (socket !== undefined) bindEmitter(socket);
      });
    }
    return Reflect.apply(emit, request, args);
  };
}
