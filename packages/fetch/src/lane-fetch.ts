import { BASELINE, type Lanes, lanesFor, wrongArgument } from '@laneway/core';
import { type CallLane, isHttpMocked } from '@laneway/node-http';
import { fetchByHops } from './by-hops/fetch-by-hops.js';
import { currentFetch } from './current-fetch.js';
import { fetchByOptions, isReachable } from './fetch-by-options.js';
import { type Fetch, isWrapped, kindOf, markKind } from './fetch-kind.js';

// The lanes of each wrapped fetch: wrapping it again with the same lanes has no effect.
const wrappedWith = new WeakMap<Fetch, Lanes>();

/**
 * Wraps a fetch: each call carries the lane of the code that calls it, on every redirect hop that egress allows.
 *
 * Works with the fetch of Node, Bun and Deno, of undici and of node-fetch, and with mocks. You don't need to say which one it is.
 *
 * A wrapped global fetch calls whatever the global fetch is at the time of the call, so mocks that start later are called. At the baseline
 * the original receives the caller's arguments unchanged.
 *
 * @param lanes @default the lanes of the process, from `LANEWAY_*`
 * @throws {LanewayAdapterError} when `fetch` is not a function, or `lanes` is not what `defineLanes` returns
 * @example
 * const fetch = laneFetch(globalThis.fetch, lanes);
 * const response = await fetch('http://helloworld:5000/hello');
 */
export function laneFetch<F extends Fetch>(fetch: F, lanes?: Lanes): F {
  if (typeof fetch !== 'function')
    throw wrongArgument(
      'laneFetch',
      fetch,
      'a function',
      'globalThis.fetch, or the fetch of undici or node-fetch',
    );
  const resolved = lanesFor('laneFetch', lanes);
  if (wrappedWith.get(fetch) === resolved) return fetch;
  const call = currentFetch(fetch, () => wrapped);
  // A proxy, because some fetches have properties (`fetch.isRedirect`, `fetch.Headers`).
  const wrapped: F = new Proxy(fetch, {
    apply: (_, self, args: unknown[]): unknown =>
      call((current) => callInLane(current, self, args, resolved)),
    get: (target, key) => Reflect.get(marks, key) ?? (Reflect.get(target, key) as unknown),
  });
  const marks = markKind({}, kindOf(fetch));
  wrappedWith.set(wrapped, resolved);
  return wrapped;
}

function callInLane(fetch: Fetch, self: unknown, args: readonly unknown[], lanes: Lanes): unknown {
  const lane = lanes.current();
  const init = args[1];
  const isInit =
    init === undefined || init === null || typeof init === 'object' || typeof init === 'function';
  if (lane === BASELINE || !isInit) return Reflect.apply(fetch, self, args) as unknown;
  const call: CallLane = { lanes, lane };
  // A wrapped fetch attaches the lane itself, even if the dispatcher cannot be found here.
  if (kindOf(fetch) === 'options' && !isHttpMocked() && (isReachable(args) || isWrapped(fetch)))
    return fetchByOptions(fetch, self, args, call);
  return fetchByHops(fetch, self, args, call);
}
