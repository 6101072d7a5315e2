import vm from 'node:vm';
import { AsyncResource } from 'node:async_hooks';
import {
  type EchoedRequest,
  headerLines,
  laneBaggage,
  laneHeaders,
  takeTurns,
  useEcho,
  testUnless,
} from '@laneway/testing';
import * as undici from 'undici';
import { afterEach, describe, expect, test } from 'vitest';
import { laneFetch } from './index.js';

const { lanes, echo } = useEcho();
const nodeFetch = globalThis.fetch;
afterEach(() => void (globalThis.fetch = nodeFetch));

const inLane = <T>(fn: () => T, name = 'v2'): T => lanes.run(lanes.capture(laneHeaders(name)), fn);
const linesOf = async (response: Promise<Response>): Promise<string[][]> => {
  const seen = (await (await response).json()) as EchoedRequest;
  return [headerLines(seen, 'version'), headerLines(seen, 'baggage')];
};
const V2 = [['v2'], [laneBaggage('v2')]];
type Init = RequestInit & { headers?: Record<string, string> };
const mock =
  (calls: [unknown, Init | undefined][]): typeof fetch =>
  (input, init) => {
    calls.push([input, init as Init]);
    return Promise.resolve(Response.json({ mocked: true }));
  };

describe('a replacement of the global fetch after it was wrapped', () => {
  test('is called, and sees the lane in the headers', async () => {
    const fetch = laneFetch(globalThis.fetch, lanes);
    const calls: [unknown, Init | undefined][] = [];
    globalThis.fetch = mock(calls);
    const init = Object.freeze({ method: 'POST', headers: Object.freeze({ 'x-own': '1' }) });
    await inLane(() => fetch('http://helloworld/', init));
    await inLane(() => fetch('http://helloworld/'));
    await fetch('http://helloworld/', init);
    globalThis.fetch = nodeFetch;
    expect(await linesOf(inLane(() => fetch(echo.url)))).toEqual(V2);
    expect(calls[0]?.[1]).toMatchObject({ method: 'POST', headers: { 'x-own': '1', ...laneHeaders('v2') } });
    expect(calls[1]?.[1]?.headers).toEqual(laneHeaders('v2'));
    expect(calls[2]?.[1]).toBe(init);
  });

  test('carries the lane once when it calls the fetch that it replaced, redirects included', async () => {
    const fetch = laneFetch(globalThis.fetch, lanes);
    globalThis.fetch = (input, init) => nodeFetch(input, init);
    expect(await linesOf(inLane(() => fetch(`${echo.url}/redirect?to=/end`)))).toEqual(V2);
    const request = new Request(`${echo.url}/redirect?status=307&to=/end`, { method: 'POST', body: 'x' });
    expect(await linesOf(inLane(() => fetch(request)))).toEqual(V2);
  });

  test('that is the wrapped fetch and is replaced itself does not call itself', async () => {
    globalThis.fetch = laneFetch(globalThis.fetch, lanes);
    await Promise.resolve();
    const passedOn: unknown[] = [];
    for (let round = 0; round < 3; round++) {
      const former = globalThis.fetch;
      globalThis.fetch = (input, init) => {
        passedOn.push(input);
        return former(input, init);
      };
      expect(await linesOf(inLane(() => globalThis.fetch(echo.url)))).toEqual(V2);
    }
    expect(passedOn).toHaveLength(6);
  });

  test('that is the wrapped fetch from the start does not call itself', async () => {
    const former = (globalThis.fetch = laneFetch(globalThis.fetch, lanes));
    globalThis.fetch = (input, init) => former(input, init);
    expect(await linesOf(inLane(() => globalThis.fetch(echo.url)))).toEqual(V2);
  });

  test('a cache by URL and headers of the call never answers one lane with the response of another', async () => {
    const fetch = laneFetch(globalThis.fetch, lanes);
    const cache = new Map<string, Promise<string>>();
    globalThis.fetch = async (input, init) => {
      const key = JSON.stringify([input, [...new Headers(init?.headers)]]);
      if (!cache.has(key))
        cache.set(
          key,
          nodeFetch(input, init).then((response) => response.text()),
        );
      return new Response(await cache.get(key));
    };
    const calls = Array.from({ length: 40 }, async (_, index) => {
      const name = `v${index % 4}`;
      await takeTurns(index);
      expect((await linesOf(inLane(() => fetch(echo.url), name)))[0]).toEqual([name]);
    });
    await Promise.all(calls);
    expect(cache.size).toBe(4);
  });
});

test("a wrapper around undici's fetch, with a Request of undici, redirects included", async () => {
  const wrapper = (input: never, init: never): Promise<unknown> => undici['fetch'](input, init);
  const fetch = laneFetch(wrapper as unknown as typeof globalThis.fetch, lanes);
  for (const path of ['/', '/redirect?to=/end']) {
    const request = new undici.Request(`${echo.url}${path}`) as unknown as Request;
    expect(await linesOf(inLane(() => fetch(request)))).toEqual(V2);
  }
});

test('a mock may return anything', async () => {
  for (const answer of [undefined, null, 1, { status: 302 }, { status: 302, headers: {} }]) {
    const fetch = laneFetch((() => Promise.resolve(answer)) as unknown as typeof globalThis.fetch, lanes);
    expect(await inLane(() => fetch('http://helloworld/'))).toBe(answer);
  }
});

const isBun = process.versions['bun'] !== undefined;
testUnless(isBun && 'Bun has no global dispatcher')(
  "in a separate realm, as in jest, the global dispatcher of Node's realm is found",
  async () => {
    const symbol = Symbol.for('undici.globalDispatcher.1');
    const nodeGlobal = (AsyncResource.constructor as FunctionConstructor)('return globalThis')() as object;
    expect(nodeGlobal).toBe(globalThis);
    await nodeFetch(echo.url);
    expect(Reflect.get(nodeGlobal, symbol)).toBeDefined();
    // The constructors of Node's modules belong to Node's realm, whichever realm imports them.
    const context = vm.createContext({ AsyncResource });
    expect(vm.runInContext("AsyncResource.constructor('return globalThis')()", context)).toBe(globalThis);
  },
);
