import { type Channel, channel } from 'node:diagnostics_channel';
import { whileAttached } from '@laneway/core';

// Registered: several copies of this package wrap the channel once.
const GUARDED = Symbol.for('laneway.undici.creation.1');

// Kept in this module, because Node holds channels by weak references only.
const creation = channel('undici:request:create') as Channel & { [GUARDED]?: true };

/**
 * Keeps OpenTelemetry's undici instrumentation from adding a second `baggage` header to a request.
 *
 * A pool creates a request that waited in its queue after `dispatch` returned, in the context of another request. The instrumentation
 * subscribes to that, injects the baggage of that other request, and does not look at the headers that are there. Subscribers that come
 * earlier run earlier, so the channel is wrapped.
 */
export function guardRequestCreation(): void {
  if (creation[GUARDED]) return;
  const own = Object.hasOwn(creation, 'publish') ? creation.publish : undefined;
  Object.defineProperty(creation, GUARDED, { value: true });
  Object.defineProperty(creation, 'publish', {
    value: function (this: Channel, message: unknown): void {
      // Node exchanges the prototype of a channel with its first and last subscriber.
      const publish = own ?? (Reflect.getPrototypeOf(this) as Channel).publish;
      const send = (): void => Reflect.apply(publish, this, [message, this.name]);
      if (hasBaggage(message)) whileAttached(send);
      else send();
    },
    configurable: true,
    writable: true,
  });
}

/** Whether a request of undici has a `baggage` header: old versions keep headers as text, later ones as names and values in turn. */
function hasBaggage(message: unknown): boolean {
  const headers: unknown = (message as { request?: { headers?: unknown } } | undefined)?.request?.headers;
  if (typeof headers === 'string') return /^baggage:/im.test(headers);
  if (!Array.isArray(headers)) return false;
  return headers.some((name, at) => at % 2 === 0 && String(name).toLowerCase() === 'baggage');
}
