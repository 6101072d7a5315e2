import { EventEmitter } from 'node:events';
import type { ClientRequest } from 'node:http';
import { type BeforeEvent, bindEmitter } from './bind-emitter.js';

/**
 * Makes the events of an outgoing request, and those of its response, run in the context of this moment: on a pooled connection
 * they would else come from whoever opened it.
 */
export function bindRequest(request: ClientRequest): void {
  // Not by a listener: Node discards the body of a response that nobody listens for, and must go on doing so.
  bindEmitter(request, undefined, bindAnswer);
}

const bindAnswer: BeforeEvent = ({ 0: event, 1: response, 2: socket }, binding) => {
  if (event !== 'response' && event !== 'upgrade' && event !== 'connect') return;
  // An application may emit these events itself, with anything.
  if (response instanceof EventEmitter) bindEmitter(response, binding);
  if (socket instanceof EventEmitter) bindEmitter(socket, binding);
};
