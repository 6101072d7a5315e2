import { context, createContextKey } from '@opentelemetry/api';
import type { Fetch } from './fetch-kind.js';

/** The wrapped fetch that a replaced global fetch is being called for. */
const CALLER = createContextKey('laneway.fetch.caller');

/** Calls a fetch. */
export type Call = (fetch: Fetch) => unknown;

/**
 * Returns a function that calls what a fetch stands for at this moment: for the global fetch, what is there when it is called. People
 * start their mocks, and agents their instrumentations, after modules have wrapped the fetch that they found.
 *
 * @param wrapped the fetch that calls: it may be the global one itself
 */
export function currentFetch(original: Fetch, wrapped: () => Fetch): (call: Call) => unknown {
  if (original !== globalThis.fetch) return (call) => call(original);
  // A wrapped fetch that is the global one itself is called by what replaces it.
  let isGlobal = false;
  queueMicrotask(() => (isGlobal ||= globalThis.fetch === wrapped()));
  return (call) => {
    const now: unknown = globalThis.fetch;
    isGlobal ||= now === wrapped();
    if (isGlobal || now === original || typeof now !== 'function') return call(original);
    const active = context.active();
    // The replacement has passed the call on to the fetch that it replaced: ours, after all.
    if (active.getValue(CALLER) === original) return call(original);
    return context.with(active.setValue(CALLER, original), () => call(now as Fetch));
  };
}
