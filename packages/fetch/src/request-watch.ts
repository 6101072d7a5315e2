import { channel } from 'node:diagnostics_channel';
import type { DispatchOptions } from './lane-dispatcher.js';

const created = channel('undici:request:create');

/** A request as undici publishes it; its headers are names and values in turn, in undici 6.0 one text. */
interface CreatedRequest {
  readonly path: string;
  readonly method: string;
  headers: unknown[] | string;
}

// What was dispatched with the handler that undici has looked at and not called: its request is being created just now.
let creating: DispatchOptions | undefined;

/**
 * Sees to it that a dispatched request leaves with no other baggage than ours, whenever undici creates it.
 *
 * A pool without a free connection creates a waiting request when another one ends, in the context of whoever reads that one or
 * opened its connection. OpenTelemetry's undici instrumentation then adds that context's baggage, another lane's, to whatever it
 * is. undici looks at the handler right before it publishes a request, and that tells ours from others'.
 *
 * Without a listener like that one the handler is returned as it is.
 */
export function watchRequest(options: DispatchOptions, handler: object): object {
  // Behind all others, as they add what we remove.
  created.unsubscribe(removeLateBaggage);
  if (!created.hasSubscribers) return handler;
  created.subscribe(removeLateBaggage);
  return new Proxy(handler, {
    get(target, key) {
      const value: unknown = Reflect.get(target, key, target);
      if (typeof value !== 'function') return value;
      creating = options;
      return (...args: unknown[]): unknown => {
        creating = undefined;
        return Reflect.apply(value, target, args);
      };
    },
    set: (target, key, value) => Reflect.set(target, key, value, target),
  });
}

/** Forgets a handler that undici looked at without creating its request: it waits. */
export function endDispatch(): void {
  creating = undefined;
}

function removeLateBaggage(message: unknown): void {
  const { request } = message as { request: CreatedRequest };
  const options = creating;
  creating = undefined;
  if (options === undefined || request.path !== options.path || request.method !== options.method) return;
  let expected = Object.keys(options.headers ?? {}).filter(isBaggage).length;
  const isLate = (name: string): boolean => isBaggage(name) && expected-- <= 0;
  if (typeof request.headers === 'string') {
    const lines = request.headers.split('\r\n').filter((line) => !isLate(line.slice(0, line.indexOf(':'))));
    request.headers = lines.join('\r\n');
    return;
  }
  for (let i = 0; i < request.headers.length;) {
    if (isLate(String(request.headers[i]))) request.headers.splice(i, 2);
    else i += 2;
  }
}

function isBaggage(name: string): boolean {
  return name.toLowerCase() === 'baggage';
}
