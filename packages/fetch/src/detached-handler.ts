import { channel } from 'node:diagnostics_channel';
import { withoutOtelBaggage } from '@laneway/core';

const created = channel('undici:request:create');

/**
 * Keeps OpenTelemetry's baggage of those who read or abort a response out of undici.
 *
 * A pool without a free connection creates a waiting request when another one ends: when the reader of that other response asks
 * for more, or aborts. OpenTelemetry's undici instrumentation listens for the creation, and would add the reader's baggage to it,
 * beside ours. Without such a listener the handler stays as it is.
 */
export function detachHandler(handler: object): object {
  if (!created.hasSubscribers) return handler;
  return mapMethods(
    handler,
    (method) =>
      (...args) =>
        method(...args.map(detachArgument)),
  );
}

/** What a handler is handed to steer undici with: `abort` and `resume`, or in the new style a controller that has them. */
function detachArgument(value: unknown): unknown {
  if (typeof value === 'function') return detachMethod(value as Method);
  const { abort, resume } = (value ?? {}) as Record<string, unknown>;
  const isController = typeof abort === 'function' && typeof resume === 'function';
  return isController ? mapMethods(value as object, detachMethod) : value;
}

function detachMethod(method: Method): Method {
  return (...args) => withoutOtelBaggage(() => method(...args));
}

type Method = (...args: unknown[]) => unknown;

/** The same object, with each method replaced by what `map` makes of it. */
function mapMethods<T extends object>(object: T, map: (method: Method) => Method): T {
  return new Proxy(object, {
    get(target, key) {
      const value: unknown = Reflect.get(target, key, target);
      return typeof value === 'function'
        ? map((...args) => Reflect.apply(value, target, args) as unknown)
        : value;
    },
    set: (target, key, value) => Reflect.set(target, key, value, target),
  });
}
