import { EventEmitter } from 'node:events';
import type { ClientRequest } from 'node:http';
import { type BeforeEvent, bindEmitter } from './bind-emitter.js';

/**
 * Makes the listeners of an outgoing request and of its response run in the current context. On a pooled connection they would otherwise run
 * in the context that opened it.
 */
export function bindRequest(request: ClientRequest): void {
  // Not with a listener: Node discards the body of a response only if `response` has no listener.
  bindEmitter(request, undefined, bindAnswer);
}

const bindAnswer: BeforeEvent = ({ 0: event, 1: response, 2: socket }, binding) => {
  if (event !== 'response' && event !== 'upgrade' && event !== 'connect') return;
  // An application may emit these events itself, with any arguments.
  if (response instanceof EventEmitter) bindEmitter(response, binding);
  if (socket instanceof EventEmitter) bindEmitter(socket, binding);
};
