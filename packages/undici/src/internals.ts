/**
 * Finds a symbol of an object or its prototypes by its description. undici stores its internals under symbols that it does not export.
 */
export function findSymbol(object: object, description: string): symbol | undefined {
  for (let owner: unknown = object; isObject(owner); owner = Object.getPrototypeOf(owner)) {
    const found = Object.getOwnPropertySymbols(owner).find((symbol) => symbol.description === description);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Reads a property of a dispatcher by the description of its symbol. */
export function readInternal(object: object, description: string): unknown {
  const key = findSymbol(object, description);
  return key && (Reflect.get(object, key) as unknown);
}

/** Whether a value is an object. */
export function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
