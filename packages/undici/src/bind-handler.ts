import { AsyncResource } from 'node:async_hooks';
import { context } from '@opentelemetry/api';

type Callbacks = Record<string, unknown>;
type Method = (...args: unknown[]) => unknown;

// undici 6 and 7 call the first nine, undici 7 and 8 the others.
const METHODS = [
  'onConnect',
  'onUpgrade',
  'onResponseStarted',
  'onHeaders',
  'onData',
  'onComplete',
  'onError',
  'onBodySent',
  'onRequestSent',
  'onRequestStart',
  'onRequestUpgrade',
  'onResponseStart',
  'onResponseData',
  'onResponseEnd',
  'onResponseError',
];

/** A class of handlers that have a given set of methods. */
type Kind = new (handler: object) => object;

// The key is a bit mask of the methods. undici looks at which methods a handler has, so each set of methods needs a separate class.
const kinds = new Map<number, Kind>();

/**
 * Returns a handler that calls `handler` in the current context.
 *
 * undici calls handlers in the context that opened the connection. An interceptor that sends a request again, after a redirect or a
 * failure, would send it in that context too.
 */
export function bindHandler(handler: object): object {
  let methods = 0;
  for (let i = 0; i < METHODS.length; i++) {
    const method = (handler as Callbacks)[METHODS[i] as string];
    if (typeof method === 'function') methods |= 1 << i;
    // Not a valid handler: undici rejects it.
    else if (method !== undefined) return handler;
  }
  let kind = kinds.get(methods);
  if (kind === undefined) {
    kind = makeKind(METHODS.filter((_, i) => methods & (1 << i)));
    kinds.set(methods, kind);
  }
  return new kind(handler);
}

function makeKind(methods: readonly string[]): Kind {
  // An `AsyncResource`, and not `context.with`: on Node 24 that creates a frame for each call, which takes ten times as long.
  class BoundHandler extends AsyncResource {
    readonly #context = context.active();
    readonly #handler: Callbacks;

    static {
      for (const name of methods) {
        const value = function (this: BoundHandler): unknown {
          const handler = this.#handler;
          const method = handler[name] as Method;
          // oxlint-disable-next-line prefer-rest-params -- V8 passes `arguments` on without creating an array
          const args = arguments as unknown as unknown[];
          return context.active() === this.#context
            ? Reflect.apply(method, handler, args)
            : this.runInAsyncScope(callMethod, undefined, method, handler, args);
        };
        Object.defineProperty(this.prototype, name, { value, configurable: true, writable: true });
      }
    }

    constructor(handler: object) {
      super('LANEWAY_HANDLER');
      this.#handler = handler as Callbacks;
    }
  }
  return BoundHandler;
}

function callMethod(method: Method, handler: Callbacks, args: unknown[]): unknown {
  return Reflect.apply(method, handler, args);
}
