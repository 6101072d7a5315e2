import { context, createContextKey } from '@opentelemetry/api';
import type { Fetch } from './fetch-kind.js';

/** The original fetch while its replacement is called. */
const CALLER = createContextKey('laneway.fetch.caller');

/** Calls a fetch. */
export type Call = (fetch: Fetch) => unknown;

/**
 * Returns a function that calls `original`, or its replacement when `original` is the global fetch and was replaced later.
 *
 * Tests start mocks, and agents start instrumentations, after modules have wrapped the global fetch.
 *
 * @param wrapped returns the wrapped fetch, which may have become the global fetch itself
 */
export function currentFetch(original: Fetch, wrapped: () => Fetch): (call: Call) => unknown {
  if (original !== globalThis.fetch) return (call) => call(original);
  // If the wrapped fetch is the global fetch, its replacement calls it, so it must not call the replacement.
  let isGlobal = false;
  queueMicrotask(() => (isGlobal ||= globalThis.fetch === wrapped()));
  return (call) => {
    const now: unknown = globalThis.fetch;
    isGlobal ||= now === wrapped();
    if (isGlobal || now === original || typeof now !== 'function') return call(original);
    const active = context.active();
    // The replacement called the wrapped fetch again: end the loop.
    if (active.getValue(CALLER) === original) return call(original);
    return context.with(active.setValue(CALLER, original), () => call(now as Fetch));
  };
}
