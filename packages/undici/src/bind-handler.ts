import { AsyncResource } from 'node:async_hooks';

type Callbacks = Record<string, unknown>;
type Method = (...args: unknown[]) => unknown;

// Of handlers in the style of undici 6 and 7, and in that of 7 and 8.
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

/** A class of handlers that have some of the methods. */
type Kind = new (handler: object) => object;

// By the methods that they have, a bit for each: undici tells by its methods what a handler is, and whether it is one.
const kinds = new Map<number, Kind>();

/**
 * Returns a handler that runs another one in the context of this moment. undici calls handlers from where the connection was opened;
 * an interceptor that sends again, after a redirect or a failure, would do so from there.
 */
export function bindHandler(handler: object): object {
  let methods = 0;
  for (let i = 0; i < METHODS.length; i++) {
    const method = (handler as Callbacks)[METHODS[i] as string];
    if (typeof method === 'function') methods |= 1 << i;
    // undici has an error of its own for a handler that is none.
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
  class CallerHandler {
    // Unlike OpenTelemetry's context it is entered several times for the price of one.
    readonly #caller = new AsyncResource('LanewayCaller');
    readonly #handler: Callbacks;

    static {
      for (const method of methods) {
        const value = function (this: CallerHandler, ...args: unknown[]): unknown {
          const handler = this.#handler;
          return this.#caller.runInAsyncScope(handler[method] as Method, handler, ...args);
        };
        Object.defineProperty(this.prototype, method, { value, configurable: true, writable: true });
      }
    }

    constructor(handler: object) {
      this.#handler = handler as Callbacks;
    }
  }
  return CallerHandler;
}
