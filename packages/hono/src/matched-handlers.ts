import type { Context, MiddlewareHandler } from 'hono';

/** The handlers that hono's router matched for a request, each with its route and parameters. Hono reads a handler when it calls it. */
type Matched = readonly (readonly [pair: [handler: unknown, route: unknown], ...rest: unknown[]])[];

const seen = new WeakSet<Matched>();
const wrapped = new WeakSet<object>();
const keys = new WeakMap<object, symbol | undefined>();

/**
 * Wraps every handler that matches a request, so that it calls the next one through `runNext`, in this request and in later ones.
 *
 * This uses an internal of hono: the request stores the matched handlers under a symbol, for `hono/route`. If the symbol is missing, the
 * handlers are not changed.
 */
export function wrapHandlers(
  c: Context,
  runNext: (c: Context, next: () => Promise<void>) => Promise<void>,
): void {
  const key = matchedKey(c.req);
  const matched = key && readMatched(c.req, key);
  if (matched === undefined || seen.has(matched)) return;
  for (const [pair] of matched) {
    const [handler] = pair;
    if (typeof handler !== 'function' || wrapped.has(handler)) continue;
    const original = handler as MiddlewareHandler;
    const wrapper: MiddlewareHandler = (context, next) => original(context, () => runNext(context, next));
    wrapped.add(wrapper);
    pair[0] = wrapper;
  }
  seen.add(matched);
}

/** Returns the symbol of the matched handlers, searched once for each copy of hono. */
function matchedKey(request: object): symbol | undefined {
  const prototype = Object.getPrototypeOf(request) as object;
  const known = keys.get(prototype);
  if (known !== undefined || keys.has(prototype)) return known;
  const key = Object.getOwnPropertySymbols(prototype).find((symbol) =>
    isMatched(readMatched(request, symbol)),
  );
  keys.set(prototype, key);
  return key;
}

function readMatched(request: object, key: symbol): Matched | undefined {
  return (Reflect.get(request, key) as readonly [Matched] | undefined)?.[0];
}

function isMatched(value: unknown): value is Matched {
  return (
    Array.isArray(value) && value.every((entry: unknown) => Array.isArray(entry) && Array.isArray(entry[0]))
  );
}
