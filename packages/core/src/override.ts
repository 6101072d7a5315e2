/** A method of a module, of a prototype or of an object. */
export type Method = (this: unknown, ...args: never[]) => unknown;

/** Restores the original methods. A wrapper that others have added since then stays, and its calls reach the original. */
export type Restore = () => void;

/**
 * Replaces methods of an object with wrappers.
 *
 * A replacement has the properties of its original: Node stores the version for `promisify` there, and libraries store their marks.
 *
 * @param wraps for each name, a function that returns the wrapper for the original; names without a method are skipped
 * @returns a function that restores the originals
 * @example
 * const restore = override(http, { get: (original) => (...args) => original(...args) });
 */
export function override(owner: object, wraps: Record<PropertyKey, (original: Method) => Method>): Restore {
  const restores = Reflect.ownKeys(wraps).map((key) => replace(owner, key, wraps[key as string]));
  return () => restores.forEach((restore) => restore());
}

function replace(owner: object, key: PropertyKey, wrap: ((original: Method) => Method) | undefined): Restore {
  const method = readMethod(owner, key);
  if (typeof method !== 'function' || wrap === undefined) return () => {};
  const before = Object.getOwnPropertyDescriptor(owner, key);
  const original = method as Method;
  const wrapped = wrap(original);
  let active = true;
  const replacement: Method = function (this: unknown, ...args) {
    return Reflect.apply(active ? wrapped : original, this, args);
  };
  copyProperties(replacement, wrapped, original);
  const define = (value: Method): boolean =>
    Reflect.defineProperty(owner, key, {
      value,
      configurable: true,
      writable: true,
      enumerable: before?.enumerable ?? true,
    });
  define(replacement);
  return () => {
    active = false;
    if (Reflect.get(owner, key) !== replacement) return;
    if (before === undefined) Reflect.deleteProperty(owner, key);
    else define(original);
  };
}

/** Properties of the wrapped method win over those of the original, except `name` and `length`. */
function copyProperties(to: Method, wrapped: Method, original: Method): void {
  for (const key of new Set([...Reflect.ownKeys(wrapped), ...Reflect.ownKeys(original)])) {
    const isOwn = Object.hasOwn(wrapped, key) && key !== 'name' && key !== 'length';
    const property = Object.getOwnPropertyDescriptor(isOwn ? wrapped : original, key);
    // A function's `prototype` cannot be redefined.
    if (key !== 'prototype' && property !== undefined) Reflect.defineProperty(to, key, property);
  }
}

function readMethod(owner: object, key: PropertyKey): unknown {
  try {
    return Reflect.get(owner, key);
  } catch {
    // A getter that works on instances only, such as `Module.prototype.require` in vitest's pools with `vm`.
    return undefined;
  }
}
