import Module from 'node:module';
import type { Fetch } from './lane-fetch.js';

/**
 * The fetches of a runtime that takes neither a dispatcher nor an agent, Bun's and Deno's, and what was made of them. Node's own is
 * undici, which says so.
 */
const webFetches: WeakSet<object> | undefined =
  process.versions.undici === undefined ? new WeakSet(findFetches()) : undefined;

/** Whether a fetch is, or is made of, its runtime's own, where nobody can be asked about a hop. */
export function isWebFetch(fetch: Fetch): boolean {
  if (webFetches === undefined) return false;
  if (fetch === (globalThis.fetch as Fetch | undefined)) webFetches.add(fetch);
  return webFetches.has(fetch);
}

/** Notes that a fetch calls another one. */
export function noteWebFetch(made: Fetch, from: Fetch): void {
  if (webFetches?.has(from)) webFetches.add(made);
}

function* findFetches(): Generator<object> {
  yield globalThis.fetch;
  const { Bun } = globalThis as { Bun?: { fetch: object } };
  if (Bun === undefined) return;
  yield Bun.fetch; // also that of its `undici`
  try {
    // Bun has a `node-fetch` of its own, made of its fetch, whichever is installed.
    const nodeFetch: unknown = Module.createRequire(`${process.cwd()}/`)('node-fetch');
    yield (nodeFetch as { default: object }).default;
  } catch {
    // Then it is a real one.
  }
}
