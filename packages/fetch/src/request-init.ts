/** The options of a fetch call, or its request, as far as they concern us. */
export interface ClientOptions {
  /** undici's: what sends each request. */
  readonly dispatcher?: unknown;
  /** node-fetch's: an agent, or a function that chooses one for each hop. */
  readonly agent?: unknown;
  readonly referrer?: unknown;
  readonly referrerPolicy?: unknown;
}

/**
 * Returns the options of a call with ours added. The caller's object is not changed.
 *
 * Options may be an instance of a class, a `Request` for one, whose values are getters of its prototype: a copy would lose them,
 * and they work on nothing but that instance.
 */
export function addToInit(init: object | null | undefined, added: object): object {
  if (init === undefined || init === null) return added;
  const own: object = Object.assign({}, init, added); // in V8 much cheaper than two spreads
  if (isPlain(init)) return own;
  return new Proxy(own, {
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
