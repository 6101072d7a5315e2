/** A fetch, of whichever package. */
export type Fetch = (...args: never[]) => Promise<unknown>;

/**
 * How a fetch lets others decide about each hop of a call.
 *
 * - `options`: by an option: a `dispatcher` for undici and for Node's own fetch, an `agent` for node-fetch
 * - `none`: not at all, as the fetch of Bun and Deno, a mock, and whatever somebody put in the place of the global fetch
 */
export type FetchKind = 'options' | 'none';

// Words in the source of Node's own fetch and undici's, and of node-fetch's. Not `undici`, which msw's has in its comments.
const WORDS = /fetchImpl|getNodeRequestOptions/;

// Registered: wrapped fetches of every copy of this package.
const KIND = Symbol.for('laneway.fetch.kind.1');

/** Tells the kind of a fetch. Nothing but its source tells one that somebody else has put in the place of the original. */
export function kindOf(fetch: Fetch): FetchKind {
  const known = (fetch as { [KIND]?: FetchKind })[KIND];
  if (known !== undefined) return known;
  if (process.versions.undici === undefined) return 'none';
  return WORDS.test(Function.prototype.toString.call(fetch)) ? 'options' : 'none';
}

/** Marks what wraps a fetch as one of a kind. */
export function markKind<F extends object>(fetch: F, kind: FetchKind): F {
  return Object.defineProperty(fetch, KIND, { value: kind, configurable: true });
}

/** Whether a fetch is one that Laneway has wrapped. */
export function isWrapped(fetch: Fetch): boolean {
  return (fetch as { [KIND]?: FetchKind })[KIND] !== undefined;
}
