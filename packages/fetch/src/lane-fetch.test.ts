import { BASELINE, LanewayAdapterError } from '@laneway/core';
import {
  collectDrops,
  contractLanes,
  type EchoedRequest,
  headerLines,
  laneBaggage,
  laneHeaders,
  laneOf,
  useEcho,
} from '@laneway/testing';
import { afterAll, describe, expect, test } from 'vitest';
import { type AnyFetch, clients } from './clients.contract.js';
import { laneFetch } from './index.js';

const { lanes, echo, inLane, at, via } = useEcho();

const V2 = ['v2', laneBaggage('v2')];

describe.each(clients)('$name', ({ fetch: original, connect, kind }) => {
  const fetch = laneFetch(original, lanes);
  const { init, close } = connect();
  afterAll(close);
  const send = async (url: string | URL | object, more?: object): Promise<EchoedRequest> => {
    const response = await inLane('v2', () => fetch(url, { ...init, ...more }));
    return (await response.json()) as EchoedRequest;
  };

  test('without options, and with a URL', async () => {
    const texts = await inLane('v2', async () => [
      await (await fetch(echo.url)).text(),
      await (await fetch(new URL(echo.url), undefined)).text(),
    ]);
    expect(texts.map((text) => laneOf(JSON.parse(text) as EchoedRequest))).toEqual([V2, V2]);
  });

  test('a redirect keeps the lane for internal hosts, drops it for external ones, and restores it on the way back', async () => {
    expect(laneOf(await send(via('127.0.0.1', '/end')))).toEqual(V2);
    const drops = await collectDrops(async () => {
      expect(laneOf(await send(via('127.0.0.1', at('external.example', '/end'))))).toEqual(['', '']);
    });
    expect(drops).toEqual([{ reason: 'egress', direction: 'attach', host: 'external.example' }]);
    expect(laneOf(await send(via('external.example', at('host.internal', '/end'))))).toEqual(V2);
    const there = via('127.0.0.1', via('external.example', at('127.0.0.1', '/end')));
    expect(laneOf(await send(there))).toEqual(V2);
  });

  test("the caller's lane header is sent wherever the client sends it", async () => {
    const headers = { baggage: 'own=1' };
    const seen = await send(via('127.0.0.1', at('external.example', '/end')), { headers });
    expect(laneOf(seen)).toEqual(['', 'own=1']);
  });

  test("the client's errors: aborted, refused, not a URL", async () => {
    const errorOf = async (fn: AnyFetch, url: string, more?: object): Promise<unknown[]> => {
      const error = (await fn(url, { ...init, ...more }).catch((reason: unknown) => reason)) as Error;
      expect(error).toBeInstanceOf(Error);
      return [error.constructor, error.name, error.message, (error.cause as Error | undefined)?.message];
    };
    const calls: [string, () => object][] = [
      [`${echo.url}/slow?ms=5000`, () => ({ signal: AbortSignal.timeout(20) })],
      [`${echo.url}/slow?ms=5000`, () => ({ signal: AbortSignal.abort() })],
      ['http://127.0.0.1:1/', () => ({})],
      [`${echo.url}/redirect?to=/`, () => ({ redirect: 'error' })],
      ['no url', () => ({})],
      ['ftp://127.0.0.1/', () => ({})],
      [echo.url, () => ({ headers: { 'bad name': '1' } })],
    ];
    for (const [url, more] of calls) {
      const expected = await errorOf(original, url, more());
      expect(await inLane('v2', () => errorOf(fetch, url, more()))).toEqual(expected);
    }
  });

  test('the reason of an abort', async () => {
    const reason = new Error('mine');
    const controller = new AbortController();
    const pending = inLane('v2', () =>
      fetch(`${echo.url}/slow?ms=5000`, { ...init, signal: controller.signal }),
    );
    controller.abort(reason);
    const caught = await pending.catch((error: unknown) => error);
    if (kind === 'node-fetch') expect((caught as Error).name).toBe('AbortError');
    else expect(caught).toBe(reason);
  });

  test('a retry after a failure has the lane of the caller', async () => {
    const waiting = send(`${echo.url}/slow?ms=20`);
    const seen = await lanes.run(lanes.capture(laneHeaders('v3')), () =>
      fetch(`${echo.url}/drop`, init).catch(async () => (await fetch(echo.url, init)).json()),
    );
    expect(headerLines(seen as EchoedRequest, 'version')).toEqual(['v3']);
    await waiting;
  });

  test('options of a class, whose values are getters, and options without a prototype', async () => {
    class Options {
      #headers = { 'x-own': '1' };
      get headers(): object {
        return this.#headers;
      }
      get method(): string {
        return 'PUT';
      }
    }
    const options = Object.freeze(Object.assign(new Options(), init));
    const seen = await inLane('v2', async () => (await fetch(echo.url, options)).json());
    expect([(seen as EchoedRequest).method, ...laneOf(seen as EchoedRequest)]).toEqual(['PUT', ...V2]);
    expect(headerLines(seen as EchoedRequest, 'x-own')).toEqual(['1']);
    const bare = Object.assign(Object.create(null) as object, init, { method: 'PUT' });
    const second = (await inLane('v2', async () => (await fetch(echo.url, bare)).json())) as EchoedRequest;
    expect([second.method, ...laneOf(second)]).toEqual(['PUT', ...V2]);
  });

  test('options that are a function', async () => {
    const options = Object.assign(() => {}, init, { method: 'PUT' });
    const seen = (await inLane('v2', async () => (await fetch(echo.url, options)).json())) as EchoedRequest;
    expect([seen.method, ...laneOf(seen)]).toEqual(['PUT', ...V2]);
  });

  test('bodies: a string and a stream', async () => {
    const content = 'text '.repeat(20_000);
    expect((await send(echo.url, { method: 'POST', body: content })).body).toBe(content);
    const body =
      kind === 'node-fetch'
        ? (await import('node:stream')).Readable.from([content])
        : new Blob([content]).stream();
    const seen = await send(echo.url, { method: 'POST', body, duplex: 'half' });
    expect([seen.body, ...laneOf(seen)]).toEqual([content, ...V2]);
  });

  test('wrapping twice attaches once', async () => {
    expect(laneFetch(fetch, lanes)).toBe(fetch);
    const again = laneFetch(fetch, contractLanes());
    const seen = (await inLane('v2', async () => (await again(echo.url, init)).json())) as EchoedRequest;
    expect(laneOf(seen)).toEqual(V2);
  });
});

test('at the baseline the original receives the same arguments, and its result is returned', async () => {
  const calls: unknown[][] = [];
  const response = { status: 200 };
  const result = Promise.resolve(response);
  const original = (...args: unknown[]): Promise<unknown> => {
    calls.push(args);
    return result;
  };
  const fetch = laneFetch(original, lanes);
  const args = ['http://127.0.0.1/', Object.freeze({ method: 'POST' }), 'more'];
  expect(lanes.current()).toBe(BASELINE);
  expect(fetch(...args)).toBe(result);
  expect(calls[0]).toHaveLength(3);
  expect(calls[0]?.every((arg, index) => arg === args[index])).toBe(true);
  expect(await inLane('v2', () => fetch(...args))).toBe(response);
  expect(args[1]).toEqual({ method: 'POST' });
  expect(calls[1]?.[2]).toBe('more');
});

test('a wrapped fetch has the properties of the original', () => {
  const original = Object.assign(() => Promise.resolve('answer'), { isRedirect: () => true });
  const fetch = laneFetch(original, lanes);
  expect(fetch.isRedirect).toBe(original.isRedirect);
  expect(fetch.name).toBe(original.name);
});

test('rejects a value that is not a function', () => {
  expect(() => laneFetch(undefined as never, lanes)).toThrow(LanewayAdapterError);
  expect(() => laneFetch(undefined as never, lanes)).toThrow(/Pass globalThis\.fetch/);
});
