import { EventEmitter } from 'node:events';
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

const bindAnswer: BeforeEvent = ({ 0: event, 1: response, 2: socket }, binding) => {
  if (!isAnswer(event)) return;
  // An application may emit these events itself, with anything.
  if (response instanceof EventEmitter) bindEmitter(response, binding);
  if (socket instanceof EventEmitter) bindEmitter(socket, binding);
};

/** OpenTelemetry's http instrumentation binds the response in a listener, to a context without baggage; the first wins. */
const bindInstrumentedAnswer: BeforeEvent = (event, binding) => {
  const { 0: name, 1: response } = event;
  if (isAnswer(name) && response instanceof EventEmitter) context.bind(binding.context, response);
  bindAnswer(event, binding);
};

/** Whether an event of a request hands out a response, and perhaps the socket with it. */
function isAnswer(event: unknown): boolean {
  return event === 'response' || event === 'upgrade' || event === 'connect';
}
