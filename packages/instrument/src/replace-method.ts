/** A method of a module or of a prototype. */
export type Method = (this: unknown, ...args: never[]) => unknown;

/** Takes a replaced method back. */
export type Restore = () => void;

/**
 * Replaces a method by one that calls it in another way.
 *
 * It looks like the former one, its properties included: Node keeps there what `promisify` makes of it, and others theirs.
 *
 * @param wrap makes the new one of the former one
 * @returns puts the former one back. Where somebody has put theirs around ours since then, theirs stays, and ours does nothing any more
 */
export function replaceMethod(owner: object, key: PropertyKey, wrap: (method: Method) => Method): Restore {
  const before = Object.getOwnPropertyDescriptor(owner, key);
  const method: unknown = Reflect.get(owner, key);
  if (typeof method !== 'function') return () => {};
  const former = method as Method;
  const wrapped = wrap(former);
  let active = true;
  const own: Method = function (this: unknown, ...args) {
    return Reflect.apply(active ? wrapped : former, this, args);
  };
  copyProperties(own, wrapped, former);
  const define = (value: Method): boolean =>
    Reflect.defineProperty(owner, key, {
      value,
      configurable: true,
      writable: true,
      enumerable: before?.enumerable ?? true,
    });
  define(own);
  return () => {
    active = false;
    if (Reflect.get(owner, key) === own) define(former);
  };
}

/** Those of the method that is called win over those of the one that it calls; but for its name, which nobody gave it. */
function copyProperties(to: Method, called: Method, former: Method): void {
  for (const key of new Set([...Reflect.ownKeys(called), ...Reflect.ownKeys(former)])) {
    const isCalleds = Object.hasOwn(called, key) && key !== 'name' && key !== 'length';
    const property = Object.getOwnPropertyDescriptor(isCalleds ? called : former, key);
    // That of a function cannot be replaced.
    if (key !== 'prototype' && property !== undefined) Reflect.defineProperty(to, key, property);
  }
}
