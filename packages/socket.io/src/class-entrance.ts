import { EventEmitter } from 'node:events';
import { type Method, override } from '@laneway/core';

/** Prototypes that others share: a wrapper there would reach every object of the process. */
const SHARED: ReadonlySet<object> = new Set([Object.prototype, EventEmitter.prototype]);

const entered = new WeakSet<object>();

/** A method of a class whose instances may have a lane. */
export type ClassMethod = (this: object, ...args: unknown[]) => unknown;

/** For each name of a method, a function that returns the wrapper for the original. */
export type Wraps = Readonly<Record<string, (original: ClassMethod) => ClassMethod>>;

/**
 * Wraps methods of the class of an object, once per class and so once per copy of socket.io. A wrapper finds the lane by a property of
 * `this`, so an object needs no functions of its own. Names without a method are skipped, and so are plain objects.
 *
 * @example
 * enterClass(socket, { emit: (original) => function (...args) { return Reflect.apply(original, this, args); } });
 */
export function enterClass(instance: unknown, wraps: Wraps): void {
  if (typeof instance !== 'object' || instance === null) return;
  const prototype = Object.getPrototypeOf(instance) as object | null;
  if (prototype === null || SHARED.has(prototype) || entered.has(prototype)) return;
  entered.add(prototype);
  override(prototype, wraps as unknown as Record<string, (original: Method) => Method>);
}

/** Sets a property that no code meets which lists or copies the properties of an object. Has no effect on a frozen object. */
export function setHidden(owner: unknown, key: symbol, value: unknown): void {
  if (typeof owner !== 'object' || owner === null) return;
  Reflect.defineProperty(owner, key, { value, configurable: true, writable: true });
}
