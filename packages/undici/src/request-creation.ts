import { type Channel, channel } from 'node:diagnostics_channel';
import { whileAttached } from '@laneway/core';

// A registered symbol, so that several copies of this package wrap the channel once.
const GUARDED = Symbol.for('laneway.undici.creation.1');

// Stored in a constant: Node has only weak references to channels, so an unused one would be collected with its wrapper.
const creation = channel('undici:request:create') as Channel & { [GUARDED]?: true };

/**
 * Keeps OpenTelemetry's undici instrumentation from adding a second `baggage` header to a request.
 *
 * A pool creates queued requests late, in the context of another request. The instrumentation subscribes to this channel. It injects the
 * baggage of that other request, even if the headers already contain baggage. We cannot subscribe before it, because it may start first, so
 * the channel's `publish` is wrapped.
 */
export function guardRequestCreation(): void {
  if (creation[GUARDED]) return;
  const wrapped = Object.hasOwn(creation, 'publish') ? creation.publish : undefined;
  Object.defineProperty(creation, GUARDED, { value: true });
  Object.defineProperty(creation, 'publish', {
    value: function (this: Channel, message: unknown): void {
      // Read at each call: Node replaces the channel's prototype when the first subscriber comes and when the last one goes.
      const publish = wrapped ?? (Reflect.getPrototypeOf(this) as Channel).publish;
      const send = (): void => Reflect.apply(publish, this, [message, this.name]);
      if (hasBaggage(message)) whileAttached(send);
      else send();
    },
    configurable: true,
    writable: true,
  });
}

/** Whether a request of undici has a `baggage` header. Old versions store headers as text, later ones as a flat array of names and values. */
function hasBaggage(message: unknown): boolean {
  const headers: unknown = (message as { request?: { headers?: unknown } } | undefined)?.request?.headers;
  if (typeof headers === 'string') return /^baggage:/im.test(headers);
  if (!Array.isArray(headers)) return false;
  return headers.some((name, at) => at % 2 === 0 && String(name).toLowerCase() === 'baggage');
}
