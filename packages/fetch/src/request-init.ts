/** The options of a fetch call, or its request, that Laneway reads. */
export interface ClientOptions {
  /** undici: sends each request. */
  readonly dispatcher?: unknown;
  /** node-fetch: an agent, or a function that chooses one for each hop. */
  readonly agent?: unknown;
  readonly referrer?: unknown;
  readonly referrerPolicy?: unknown;
}

/**
 * Returns a copy of the options of a call with `added`. The caller's object is not changed.
 *
 * If the options are an instance of a class, such as a `Request`, a proxy reads the other values from it: they are getters of its
 * prototype, which a copy would lose, and which work only on the instance.
 */
export function addToInit(init: object | null | undefined, added: object): object {
  if (init === undefined || init === null) return added;
  const copy: object = Object.assign({}, init, added); // In V8 this is much cheaper than two spreads.
  if (isPlain(init)) return copy;
  return new Proxy(copy, {
    get: (target, key) =>
      Object.hasOwn(target, key)
        ? (Reflect.get(target, key) as unknown)
        : (Reflect.get(init, key, init) as unknown),
    has: (target, key) => Reflect.has(target, key) || Reflect.has(init, key),
    getPrototypeOf: () => Reflect.getPrototypeOf(init),
  });
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
