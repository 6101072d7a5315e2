/** A fetch function of any package. */
export type Fetch = (...args: never[]) => Promise<unknown>;

/**
 * How Laneway can attach the lane to each hop of a call.
 *
 * - `options`: with an option, `dispatcher` for undici and Node's fetch, `agent` for node-fetch
 * - `none`: with the headers of each hop, because the fetch has no such option: that of Bun and Deno, a mock, any other replacement of the
 *   global fetch
 */
export type FetchKind = 'options' | 'none';

// `fetchImpl` is in the source of Node's fetch and undici's, `getNodeRequestOptions` in that of node-fetch's. Not `undici`, which is in
// comments of msw's fetch.
const WORDS = /fetchImpl|getNodeRequestOptions/;

// A registered symbol, so that every copy of this package recognizes a wrapped fetch.
const KIND = Symbol.for('laneway.fetch.kind.1');

// Cached, because every fetch in a lane needs it.
const kinds = new WeakMap<Fetch, FetchKind>();

/** Returns the kind of a fetch. Only its source text shows whether it is a replacement. */
export function kindOf(fetch: Fetch): FetchKind {
  const known = (fetch as { [KIND]?: FetchKind })[KIND];
  if (known !== undefined) return known;
  let kind = kinds.get(fetch);
  if (kind === undefined) {
    kind = WORDS.test(Function.prototype.toString.call(fetch)) ? 'options' : 'none';
    kinds.set(fetch, kind);
  }
  return kind;
}

/** Marks a fetch with a kind, and returns it. */
export function markKind<F extends object>(fetch: F, kind: FetchKind): F {
  return Object.defineProperty(fetch, KIND, { value: kind, configurable: true });
}

/** Whether a fetch is one that Laneway has wrapped. */
export function isWrapped(fetch: Fetch): boolean {
  return (fetch as { [KIND]?: FetchKind })[KIND] !== undefined;
}
