import type { Lanes, Restore } from '@laneway/core';
import { type Fetch, laneFetch } from '@laneway/fetch';

/**
 * Keeps the lane on the global fetch when somebody assigns another one later: that one is wrapped too, so it finds the lane in the headers
 * of the call. Next.js assigns a fetch whose cache is keyed by these headers.
 *
 * The global fetch becomes an accessor until the result is called.
 */
export function keepFetch(lanes: Lanes): Restore {
  const before = Object.getOwnPropertyDescriptor(globalThis, 'fetch');
  if (before?.configurable !== true) return () => {};
  let assigned: unknown = globalThis.fetch;
  let current = assigned;
  const get = (): unknown => current;
  const set = (value: unknown): void => {
    assigned = value;
    current = typeof value === 'function' ? laneFetch(value as Fetch, lanes) : value;
  };
  const { enumerable = true } = before;
  Object.defineProperty(globalThis, 'fetch', { get, set, enumerable, configurable: true });
  return () => {
    // A mock has defined its own since then.
    if (Object.getOwnPropertyDescriptor(globalThis, 'fetch')?.get !== get) return;
    Object.defineProperty(globalThis, 'fetch', {
      value: assigned,
      enumerable,
      configurable: true,
      writable: true,
    });
  };
}
