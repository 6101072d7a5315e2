import type { Lanes } from '@laneway/core';
import { type Fetch, laneFetch } from '@laneway/fetch';

// Looked up at each call: it may be replaced later, by a mock for one.
const globalFetch: Fetch = (...args) => globalThis.fetch(...(args as unknown as Parameters<typeof fetch>));

/** The fetches of an axios in the lane. Each is made once: axios remembers every fetch that it is given. */
export class LanedFetches {
  readonly #lanes: Lanes;
  readonly #laned = new WeakMap<Fetch, Fetch>();

  constructor(lanes: Lanes) {
    this.#lanes = lanes;
  }

  /** @param own the caller's fetch @default the global one */
  get(own: unknown): unknown {
    // What is no fetch, axios refuses.
    if (own && typeof own !== 'function') return own;
    const fetch = (own || globalFetch) as Fetch;
    const known = this.#laned.get(fetch);
    if (known !== undefined) return known;
    const laned = laneFetch(fetch, this.#lanes);
    this.#laned.set(fetch, laned);
    return laned;
  }
}
