import { contractLanes, laneHeaders } from '@laneway/testing';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { instrumentHttp } from './index.js';

const lanes = contractLanes();
const native = globalThis.fetch;
const HELLO = 'http://hello.internal/';
const inLane = <T>(name: string, fn: () => T): T => lanes.run(lanes.capture(laneHeaders(name)), fn);

let restore: () => void;
beforeEach(() => {
  ({ restore } = instrumentHttp(lanes, { keepFetch: true }));
});
afterEach(() => {
  restore();
  globalThis.fetch = native;
});

/** A fetch that notes the lane in the headers of its calls. */
function makeFetch(): { fetch: typeof fetch; seen: (string | null)[] } {
  const seen: (string | null)[] = [];
  return {
    seen,
    fetch: (...args) => {
      seen.push(new Request(...args).headers.get('version'));
      return Promise.resolve(new Response());
    },
  };
}

test('a fetch that is assigned later finds the lane in the headers of the call', async () => {
  const { fetch, seen } = makeFetch();
  globalThis.fetch = fetch;
  await inLane('v2', () => globalThis.fetch(HELLO));
  await inLane('v2', () => globalThis.fetch('http://api.external.example/'));
  await globalThis.fetch(HELLO);
  expect(seen).toEqual(['v2', null, null]);
});

test('restored, the assigned fetch is there as it was assigned', () => {
  const { fetch } = makeFetch();
  globalThis.fetch = fetch;
  expect(globalThis.fetch).not.toBe(fetch);
  restore();
  expect(globalThis.fetch).toBe(fetch);
});

test('restored without an assignment, the original is there', () => {
  restore();
  expect(globalThis.fetch).toBe(native);
  expect(Object.getOwnPropertyDescriptor(globalThis, 'fetch')).toMatchObject({ writable: true });
});

test('a fetch that is saved and assigned again, and none at all', async () => {
  const saved = globalThis.fetch;
  globalThis.fetch = undefined as never;
  expect(globalThis.fetch).toBeUndefined();
  const { fetch, seen } = makeFetch();
  globalThis.fetch = fetch;
  globalThis.fetch = saved;
  await expect(globalThis.fetch('http://127.0.0.1:1/')).rejects.toThrow('fetch failed');
  expect(seen).toEqual([]);
});

test('a mock that defines the property is left alone', () => {
  const { fetch } = makeFetch();
  Object.defineProperty(globalThis, 'fetch', { value: fetch, configurable: true, writable: true });
  restore();
  expect(globalThis.fetch).toBe(fetch);
});
