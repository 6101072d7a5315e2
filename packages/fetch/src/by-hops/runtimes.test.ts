import { createRequire } from 'node:module';
import {
  contractLanes,
  type EchoedRequest,
  headerLines,
  laneHeaders,
  testUnless,
  useEcho,
} from '@laneway/testing';
import { describe, expect } from 'vitest';
import type { AnyFetch } from '../clients.contract.js';
import { type Fetch, laneFetch } from '../index.js';
import { kindOf } from '../fetch-kind.js';

const { lanes, echo } = useEcho();

const { Bun } = globalThis as { Bun?: { fetch: AnyFetch } };
const hasHook = process.versions.undici !== undefined;

const seenOf = async (fetch: Fetch): Promise<EchoedRequest> =>
  lanes.run(lanes.capture(laneHeaders('v2')), async () => {
    const response = await (fetch as AnyFetch)(`${echo.url}/redirect?to=/end`);
    return (await response.json()) as EchoedRequest;
  });

testUnless(!hasHook && 'this is not Node')("Node's fetch takes options", () => {
  expect(kindOf(globalThis.fetch)).toBe('options');
});

describe('a web fetch', () => {
  const testHere = testUnless(hasHook && "Node's takes a dispatcher");
  testHere('the fetch of the runtime is called by hops', async () => {
    expect(kindOf(globalThis.fetch)).toBe('none');
    const seen = await seenOf(laneFetch(globalThis.fetch, lanes));
    expect([seen.path, ...headerLines(seen, 'version')]).toEqual(['/end', 'v2']);
  });

  testHere('a replacement of it, and a wrapped one', async () => {
    const { fetch } = globalThis;
    const calls: unknown[] = [];
    globalThis.fetch = (input, init) => {
      calls.push(input);
      return fetch(input, init);
    };
    try {
      const others = contractLanes();
      const wrapped = laneFetch(laneFetch(globalThis.fetch, others), lanes);
      expect(kindOf(wrapped)).toBe('none');
      expect(headerLines(await seenOf(wrapped), 'version')).toEqual(['v2']);
    } finally {
      globalThis.fetch = fetch;
    }
    expect(calls).toEqual([`${echo.url}/redirect?to=/end`, `${echo.url}/end`]);
  });
});

describe('Bun has several fetches', () => {
  const require = createRequire(import.meta.url);
  const fetches: [string, () => unknown][] = [
    ['Bun.fetch', () => Bun?.fetch],
    ["its undici's", () => (require('undici') as { fetch: unknown }).fetch],
    ['its node-fetch', () => (require('node-fetch') as { default: unknown }).default],
  ];
  for (const [name, find] of fetches) {
    testUnless(!Bun && 'this is not Bun')(name, async () => {
      const seen = await seenOf(laneFetch(find() as Fetch, lanes));
      expect([seen.path, ...headerLines(seen, 'version')]).toEqual(['/end', 'v2']);
    });
  }
});
