import { snapshot } from '@laneway/core';

type Enter = ReturnType<typeof snapshot>;
type Callbacks = Record<string, unknown>;

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

/**
 * A handler that runs another one in the context of this moment. undici calls handlers from where the connection was opened; an
 * interceptor that sends again, after a redirect or a failure, would do so from there.
 */
export class CallerHandler {
  readonly #enter: Enter = snapshot();
  readonly #handler: Callbacks;

  static {
    for (const method of METHODS) {
      const value = function (this: CallerHandler, ...args: unknown[]): unknown {
        return this.#enter(callBack, this.#handler, method, args);
      };
      Object.defineProperty(this.prototype, method, { value, configurable: true, writable: true });
    }
  }

  constructor(handler: object) {
    this.#handler = handler as Callbacks;
    // undici tells by its methods what a handler is, and whether it is one.
    for (const method of METHODS) {
      const own = this.#handler[method];
      if (typeof own !== 'function') Object.assign(this, { [method]: own });
    }
  }
}

function callBack(handler: Callbacks, method: string, args: readonly unknown[]): unknown {
  return Reflect.apply(handler[method] as (...all: unknown[]) => unknown, handler, args);
}
