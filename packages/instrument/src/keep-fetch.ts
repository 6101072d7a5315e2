import type { Lanes, Restore } from '@laneway/core';
import { type Fetch, laneFetch } from '@laneway/fetch';

/**
 * Wraps every global fetch that is assigned later, so that it receives the lane in the headers of the call. Next.js assigns a fetch whose
 * cache uses these headers in its key.
 *
 * The global fetch is an accessor until the returned function is called.
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
    // A mock has redefined the property.
    if (Object.getOwnPropertyDescriptor(globalThis, 'fetch')?.get !== get) return;
    Object.defineProperty(globalThis, 'fetch', {
      value: assigned,
      enumerable,
      configurable: true,
      writable: true,
    });
  };
}
