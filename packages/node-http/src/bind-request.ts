import type { EventEmitter } from 'node:events';
import type { ClientRequest } from 'node:http';
import { context } from '@opentelemetry/api';
import { type BeforeEvent, bindEmitter } from './bind-emitter.js';

// The events of a request that hand out a response, and perhaps the socket with it.
const ANSWERS: ReadonlySet<string | symbol> = new Set(['response', 'upgrade', 'connect']);

/**
 * Makes the events of an outgoing request, and those of its response, run in the context of this moment: on a pooled connection
 * they would else come from whoever opened it.
 */
export function bindRequest(request: ClientRequest): void {
  // Not by a listener: Node discards the body of a response that nobody listens for, and must go on doing so.
  bindEmitter(request, undefined, Object.hasOwn(request, 'on') ? bindInstrumentedAnswer : bindAnswer);
}

const bindAnswer: BeforeEvent = (event, args, binding) => {
  if (!ANSWERS.has(event)) return;
  const [response, socket] = args as readonly [EventEmitter, EventEmitter?];
  bindEmitter(response, binding);
  if (socket !== undefined) bindEmitter(socket, binding);
};

/** OpenTelemetry's http instrumentation binds the response in a listener, to a context without baggage; the first wins. */
const bindInstrumentedAnswer: BeforeEvent = (event, args, binding) => {
  if (ANSWERS.has(event)) context.bind(binding.context, args[0] as EventEmitter);
  bindAnswer(event, args, binding);
};
