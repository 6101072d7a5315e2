import {
  contractLanes,
  type EchoedRequest,
  headerLines,
  loopbackLookup,
  testUnless,
  useEcho,
} from '@laneway/testing';
import type * as undici from 'undici';
import { describe, expect, test } from 'vitest';
import { undicis } from '../../undici/src/undici.contract.js';
import { laneFetch } from './index.js';

const { lanes, echo, inLane } = useEcho();

const lanesSeen = (seen: unknown): string[] => headerLines(seen as EchoedRequest, 'version');

describe.each(undicis)('%s', (name, client) => {
  const fetch = laneFetch(client.fetch, lanes);

  test("the caller's MockAgent answers, and sees the lane and the body", async () => {
    const mock = new client.MockAgent();
    mock.disableNetConnect();
    const origin = 'http://helloworld:5000';
    mock
      .get(origin)
      .intercept({ path: '/hello', method: 'POST', headers: { version: 'v2' }, body: 'ping' })
      .reply(200, 'pong');
    const options = { method: 'POST', body: 'ping', dispatcher: mock as never };
    const response = await inLane('v2', () => fetch(`${origin}/hello`, options));
    expect(await response.text()).toBe('pong');
    await mock.close();
  });

  test('the global dispatcher at the time of the call is used', async () => {
    const before = client.getGlobalDispatcher();
    const mock = new client.MockAgent();
    mock.get('http://helloworld:5000').intercept({ path: '/' }).reply(200, 'mocked');
    client.setGlobalDispatcher(mock);
    try {
      expect(await (await inLane('v2', () => fetch('http://helloworld:5000/'))).text()).toBe('mocked');
    } finally {
      client.setGlobalDispatcher(before);
      await mock.close();
    }
  });

  test('a Request with headers and a body, and options that override it', async () => {
    const request = new client.Request(echo.url, { method: 'POST', body: 'body', headers: { 'x-own': '1' } });
    const seen = (await (await inLane('v2', () => fetch(request))).json()) as EchoedRequest;
    expect([seen.body, ...lanesSeen(seen), ...headerLines(seen, 'x-own')]).toEqual(['body', 'v2', '1']);
    expect(request.headers.has('version')).toBe(false);
    const options = new client.Request(echo.url, { method: 'DELETE', headers: { 'x-own': '2' } });
    const second = (await (
      await inLane('v2', () => fetch(echo.url, options as never))
    ).json()) as EchoedRequest;
    expect([second.method, ...lanesSeen(second), ...headerLines(second, 'x-own')]).toEqual([
      'DELETE',
      'v2',
      '2',
    ]);
  });

  test('headers as a Headers object and as pairs', async () => {
    for (const headers of [new client.Headers({ Baggage: 'own=1' }), [['Baggage', 'own=1']]]) {
      const seen = await (await inLane('v2', () => fetch(echo.url, { headers: headers as never }))).json();
      expect(headerLines(seen as EchoedRequest, 'baggage')).toEqual([
        'own=1,2=two,Lane=v2;p1 = x;flag,userId=%41lice%20%C3%BC,1=one,empty=',
      ]);
    }
  });

  test('a form', async () => {
    const body = new client.FormData();
    body.append('file', new Blob(['content']), 'name.txt');
    const seen = await (await inLane('v2', () => fetch(echo.url, { method: 'POST', body }))).json();
    expect((seen as EchoedRequest).body).toContain('filename="name.txt"');
    expect(lanesSeen(seen)).toEqual(['v2']);
  });

  testUnless(name === 'undici 6.0' && 'a Request has no dispatcher')(
    'the dispatcher of a Request is used',
    async () => {
      const dispatcher = new client.Agent({ connect: { lookup: loopbackLookup } });
      const url = `http://host.internal:${echo.port}/`;
      const make = (): undici.Request =>
        new client.Request(url, { dispatcher, referrer: 'http://a.internal/b' });
      const seen = (await (await inLane('v2', () => fetch(make()))).json()) as EchoedRequest;
      // Since undici 7 it is private, so such a call carries no lane (README, Limits).
      expect(lanesSeen(seen)).toEqual(name === 'undici 6' ? ['v2'] : []);
      expect(headerLines(seen, 'referer')).toEqual(await refererOf(client.fetch, make()));
      const over = (await (await inLane('v2', () => fetch(make(), { dispatcher }))).json()) as EchoedRequest;
      expect(lanesSeen(over)).toEqual(['v2']);
      await dispatcher.close();
    },
  );

  test('a Request is sent unchanged, with the lane on every hop', async () => {
    const before = client.getGlobalDispatcher();
    const to = encodeURIComponent(`${echo.url}/end`);
    const make = (): undici.Request =>
      new client.Request(`${echo.url}/redirect?to=${to}`, {
        referrer: 'http://a.internal/b',
        referrerPolicy: 'unsafe-url',
      });
    const pending = inLane('v2', () => fetch(make()));
    expect(client.getGlobalDispatcher()).toBe(before);
    const foreign = (await (await client.fetch(echo.url)).json()) as EchoedRequest;
    const seen = (await (await pending).json()) as EchoedRequest;
    expect(lanesSeen(seen)).toEqual(['v2']);
    expect(lanesSeen(foreign)).toEqual([]);
    expect(headerLines(seen, 'referer')).toEqual(await refererOf(client.fetch, make()));
    const again = laneFetch(fetch, contractLanes());
    expect(lanesSeen(await (await inLane('v2', () => again(make()))).json())).toEqual(['v2']);
  });

  test('interceptors below see the lane', async () => {
    const seen: unknown[] = [];
    const agent = new client.Agent();
    const dispatcher = {
      dispatch(options: { headers: Record<string, string> }, handler: never) {
        seen.push(options.headers.version);
        return agent.dispatch(options as never, handler);
      },
    };
    await (await inLane('v2', () => fetch(echo.url, { dispatcher: dispatcher as never }))).text();
    expect(seen).toEqual(['v2']);
    await agent.close();
  });
});

test.each(undicis)(
  '%s: two wrapped fetches, one in the other, and a pool of an external host',
  async (_, client) => {
    const inner = laneFetch(client.fetch, lanes);
    const fetch = laneFetch(inner, contractLanes());
    const pool = new client.Pool(`http://external.example:${echo.port}`, {
      connect: { lookup: loopbackLookup },
    });
    const response = await inLane('v2', () => fetch('http://helloworld/', { dispatcher: pool as never }));
    expect(lanesSeen(await response.json())).toEqual([]);
    await pool.destroy();
  },
);

test("Node's fetch with Node's Request, FormData and Blob", async () => {
  const fetch = laneFetch(globalThis.fetch, lanes);
  const body = new FormData();
  body.append('file', new Blob(['content']), 'name.txt');
  const request = new Request(echo.url, { method: 'POST', body });
  const seen = (await (await inLane('v2', () => fetch(request))).json()) as EchoedRequest;
  expect(seen.body).toContain('content');
  expect(lanesSeen(seen)).toEqual(['v2']);
  const redirected = new Request(`${echo.url}/redirect?to=/end`, { headers: { 'x-own': '1' } });
  const second = (await (await inLane('v2', () => fetch(redirected))).json()) as EchoedRequest;
  expect([second.path, ...lanesSeen(second), ...headerLines(second, 'x-own')]).toEqual(['/end', 'v2', '1']);
  expect(await (await inLane('v2', () => fetch('data:text/plain,hello'))).text()).toBe('hello');
});

async function refererOf(fetch: typeof undici.fetch, request: undici.Request): Promise<string[]> {
  return headerLines((await (await fetch(request)).json()) as EchoedRequest, 'referer');
}
