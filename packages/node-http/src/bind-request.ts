import type { EventEmitter } from 'node:events';
import type { ClientRequest } from 'node:http';
import { context } from '@opentelemetry/api';
import { type BeforeEvent, bindEmitter } from './bind-emitter.js';

/**
 * Makes the events of an outgoing request, and those of its response, run in the context of this moment: on a pooled connection
 * they would else come from whoever opened it.
 */
export function bindRequest(request: ClientRequest): void {
  // Not by a listener: Node discards the body of a response that nobody listens for, and must go on doing so.
  bindEmitter(request, undefined, Object.hasOwn(request, 'on') ? bindInstrumentedAnswer : bindAnswer);
}

const bindAnswer: BeforeEvent = (event, response, socket, binding) => {
  if (event !== 'response' && event !== 'upgrade' && event !== 'connect') return;
  // With the same `before`, which it has no such events for: so it shares the binding.
  bindEmitter(response as EventEmitter, binding, binding.before);
  if (socket !== undefined) bindEmitter(socket as EventEmitter, binding);
};

/** OpenTelemetry's http instrumentation binds the response in a listener, to a context without baggage; the first wins. */
const bindInstrumentedAnswer: BeforeEvent = (event, response, socket, binding) => {
  if (event === 'response' || event === 'upgrade' || event === 'connect')
    context.bind(binding.context, response as EventEmitter);
  bindAnswer(event, response, socket, binding);
};
