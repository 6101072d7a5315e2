import { AsyncLocalStorage } from 'node:async_hooks';
import { EventEmitter } from 'node:events';
import { type Context, type ContextManager, ROOT_CONTEXT } from '@opentelemetry/api';

type AnyFunction = (this: unknown, ...args: never[]) => unknown;

/**
 * Stores OpenTelemetry's context in an `AsyncLocalStorage`, like OpenTelemetry's `AsyncLocalStorageContextManager`. That class is CommonJS:
 * in a service that is bundled as ESM, its `require('async_hooks')` throws.
 */
export class LaneContextManager implements ContextManager {
  readonly #storage = new AsyncLocalStorage<Context>();
  /** Marks bound emitters. Has the same description as OpenTelemetry's symbol, because node-http looks for both by description. */
  readonly #bound = Symbol('OtListeners');

  active(): Context {
    return this.#storage.getStore() ?? ROOT_CONTEXT;
  }

  with<A extends unknown[], F extends (...args: A) => ReturnType<F>>(
    context: Context,
    fn: F,
    thisArg?: ThisParameterType<F>,
    ...args: A
  ): ReturnType<F> {
    if (thisArg === undefined || thisArg === null) return this.#storage.run(context, fn, ...args);
    return this.#storage.run(context, () => Reflect.apply(fn, thisArg, args));
  }

  /**
   * Binds a function, or the listeners that are later added to an emitter, to a context. Binding an emitter twice has no effect.
   *
   * @returns the bound function, or `target` itself
   */
  bind<T>(context: Context, target: T): T {
    if (target instanceof EventEmitter) this.#bindEmitter(context, target);
    else if (typeof target === 'function') return this.#bindFunction(context, target as never) as T;
    return target;
  }

  enable(): this {
    return this;
  }

  disable(): this {
    this.#storage.disable();
    return this;
  }

  #bindFunction(context: Context, fn: AnyFunction): AnyFunction {
    const storage = this.#storage;
    const bound = function (this: unknown, ...args: never[]): unknown {
      return storage.run(context, () => Reflect.apply(fn, this, args));
    };
    return Object.defineProperty(bound, 'length', { value: fn.length, configurable: true });
  }

  #bindEmitter(context: Context, emitter: EventEmitter): void {
    if (Object.hasOwn(emitter, this.#bound)) return;
    Object.defineProperty(emitter, this.#bound, { value: true });
    const wrappers = new WeakMap<AnyFunction, AnyFunction>();
    const wrap = (listener: AnyFunction): AnyFunction => {
      const known = wrappers.get(listener);
      if (known !== undefined) return known;
      const wrapper = this.#bindFunction(context, listener);
      wrappers.set(listener, wrapper);
      return wrapper;
    };
    overrideAdding(emitter, (listener) => (typeof listener === 'function' ? wrap(listener) : listener));
    overrideRemoving(emitter, (listener) => wrappers.get(listener));
  }
}

type Listen = (this: EventEmitter, event: string | symbol, listener: AnyFunction) => EventEmitter;

const ADDING = ['addListener', 'on', 'once', 'prependListener', 'prependOnceListener'] as const;
const REMOVING = ['removeListener', 'off'] as const;

function overrideAdding(emitter: EventEmitter, wrap: (listener: AnyFunction) => AnyFunction): void {
  let isAdding = false;
  for (const method of ADDING) {
    const original = emitter[method] as Listen;
    const add: Listen = function (event, listener) {
      // `once` calls `on` with a wrapper of Node, which `removeListener` must find, so the inner call is not wrapped.
      if (isAdding) return original.call(this, event, listener);
      isAdding = true;
      try {
        return original.call(this, event, wrap(listener));
      } finally {
        isAdding = false;
      }
    };
    emitter[method] = add as never;
  }
}

function overrideRemoving(
  emitter: EventEmitter,
  wrapperOf: (listener: AnyFunction) => AnyFunction | undefined,
): void {
  for (const method of REMOVING) {
    const original = emitter[method] as Listen;
    const remove: Listen = function (event, listener) {
      const wrapper = wrapperOf(listener);
      const count = this.listenerCount(event);
      if (wrapper !== undefined) original.call(this, event, wrapper);
      // A listener that was added before the emitter was bound has no wrapper.
      return this.listenerCount(event) < count ? this : original.call(this, event, listener);
    };
    emitter[method] = remove as never;
  }
}
