import type { Lanes } from '@laneway/core';
import { type Fetch, laneFetch } from '@laneway/fetch';

// Read at each call, because it may be replaced later, for example by a mock.
const globalFetch: Fetch = (...args) => globalThis.fetch(...(args as unknown as Parameters<typeof fetch>));

/** Wraps the fetches of an axios instance. Each is wrapped once, because axios caches every fetch that it receives. */
export class WrappedFetches {
  readonly #lanes: Lanes;
  readonly #wrapped = new WeakMap<Fetch, Fetch>();

  constructor(lanes: Lanes) {
    this.#lanes = lanes;
  }

  /**
   * Returns the wrapped fetch for an original.
   *
   * @param original the caller's fetch @default the global fetch
   */
  get(original: unknown): unknown {
    // axios rejects a value that is not a function.
    if (original && typeof original !== 'function') return original;
    const fetch = (original || globalFetch) as Fetch;
    const known = this.#wrapped.get(fetch);
    if (known !== undefined) return known;
    const wrapped = laneFetch(fetch, this.#lanes);
    this.#wrapped.set(fetch, wrapped);
    return wrapped;
  }
}
