import type { Context, MiddlewareHandler } from 'hono';

/** What a router found for a request: each handler beside its route, and what it is called with. Hono reads the handler when it calls it. */
type Matched = readonly (readonly [pair: [handler: unknown, route: unknown], ...rest: unknown[]])[];

const wrapped = new WeakSet<object>();
const seen = new WeakSet<Matched>();
const keys = new WeakMap<object, symbol | undefined>();

/**
 * Makes every middleware that hono found for a request call the next one by `runNext`, for this and all later requests.
 *
 * An internal of hono, from 4.8: the request keeps what was found behind a symbol, for `hono/route`. Where it is missing, the
 * handlers stay as they are.
 */
export function wrapHandlers(
  c: Context,
  runNext: (c: Context, next: () => Promise<void>) => Promise<void>,
): void {
  const matched = matchedHandlers(c.req);
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

function matchedHandlers(request: object): Matched | undefined {
  const prototype = Object.getPrototypeOf(request) as object;
  if (!keys.has(prototype))
    keys.set(
      prototype,
      Object.getOwnPropertySymbols(prototype).find((key) => isMatched(readFirst(request, key))),
    );
  const key = keys.get(prototype);
  if (key === undefined) return undefined;
  const matched = readFirst(request, key);
  return isMatched(matched) ? matched : undefined;
}

function readFirst(request: object, key: symbol): unknown {
  return (Reflect.get(request, key) as readonly unknown[] | undefined)?.[0];
}

function isMatched(value: unknown): value is Matched {
  return (
    Array.isArray(value) && value.every((entry: unknown) => Array.isArray(entry) && Array.isArray(entry[0]))
  );
}
