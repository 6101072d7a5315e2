import { BASELINE, LanewayAdapterError, type Lanes, lanesFor } from '@laneway/core';
import { type CallLane, isHttpMocked } from '@laneway/node-http';
import { fetchByHops } from './by-hops/fetch-by-hops.js';
import { currentFetch } from './current-fetch.js';
import { fetchByOptions, isReachable } from './fetch-by-options.js';
import { type Fetch, isWrapped, kindOf, markKind } from './fetch-kind.js';

// What a fetch was wrapped with: wrapping it again with the same lanes has no effect.
const wrappedWith = new WeakMap<Fetch, Lanes>();

/**
 * Returns a fetch that attaches the lane it is called in, to each redirect hop by itself. For the fetch of Node, Bun and Deno, of undici and
 * of node-fetch, and for mocks; you don't need to say which one it is.
 *
 * Wrapping the global fetch calls the global fetch of the moment, so mocks that start later are called. Outside any lane the original is
 * called with the very same arguments.
 *
 * @param lanes @default the lanes of the process, from `LANEWAY_*`
 * @throws {LanewayAdapterError} when `fetch` is not a function, or `lanes` is not what `defineLanes` returns
 * @example
 * const fetch = laneFetch(globalThis.fetch, lanes);
 * const response = await fetch('http://helloworld:5000/hello');
 */
export function laneFetch<F extends Fetch>(fetch: F, lanes?: Lanes): F {
  if (typeof fetch !== 'function')
    throw new LanewayAdapterError(
      `laneFetch received ${typeof fetch}, not a function. Pass globalThis.fetch, or the fetch of undici or node-fetch.`,
    );
  const own = lanesFor('laneFetch', lanes);
  if (wrappedWith.get(fetch) === own) return fetch;
  const call = currentFetch(fetch, () => wrapped);
  // A proxy, as a fetch has properties too (`fetch.isRedirect`, `fetch.Headers`).
  const wrapped: F = new Proxy(fetch, {
    apply: (_, self, args: unknown[]): unknown => call((current) => callInLane(current, self, args, own)),
    get: (target, key) => Reflect.get(marks, key) ?? (Reflect.get(target, key) as unknown),
  });
  const marks = markKind({}, kindOf(fetch));
  wrappedWith.set(wrapped, own);
  return wrapped;
}

function callInLane(fetch: Fetch, self: unknown, args: readonly unknown[], lanes: Lanes): unknown {
  const lane = lanes.current();
  const init = args[1];
  const isInit =
    init === undefined || init === null || typeof init === 'object' || typeof init === 'function';
  if (lane === BASELINE || !isInit) return Reflect.apply(fetch, self, args) as unknown;
  const call: CallLane = { lanes, lane };
  // A fetch that attaches the lane itself, such as an instrumented one, needs no help for what this one cannot reach.
  if (kindOf(fetch) === 'options' && !isHttpMocked() && (isReachable(args) || isWrapped(fetch)))
    return fetchByOptions(fetch, self, args, call);
  return fetchByHops(fetch, self, args, call);
}
