import type { IncomingMessage, ServerResponse } from 'node:http';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { headerLines, type EchoedRequest } from '@laneway/testing';
import { describe, expect, test } from 'vitest';
import { fetchByHops } from './fetch-by-hops.js';
import {
  echo,
  errorOf,
  fetch,
  lane,
  laneOf,
  lanes,
  runtimeFetch,
  send,
  serve,
  V2,
  via,
} from './fetch-by-hops.fixture.js';

describe('aborting', () => {
  const slow = (): string => via('127.0.0.1', '/slow?ms=10000');
  const arrived = (): Promise<unknown> =>
    new Promise((done) => {
      const look = (request: IncomingMessage): void => {
        if (!request.url?.startsWith('/slow')) return;
        echo.server.off('request', look);
        done(undefined);
      };
      echo.server.on('request', look);
    });

  test.each<[string, (signal: AbortSignal) => unknown[]]>([
    ['by the options', (signal) => [slow(), { signal }]],
    ['by a Request', (signal) => [new Request(slow(), { signal })]],
    ['by the options over a Request', (signal) => [new Request(slow()), { signal }]],
  ])('%s, after a redirect', async (_, args) => {
    const controller = new AbortController();
    const waiting = arrived();
    const pending = fetch(...args(controller.signal)).catch((error: unknown) => error);
    await waiting;
    const reason = new Error('mine');
    controller.abort(reason);
    expect(await pending).toBe(reason);
  });

  // Node: a `Request` passes an abort on to a copy only until that copy is garbage-collected.
  test('a Request after a garbage collection', async () => {
    const controller = new AbortController();
    const waiting = arrived();
    const request = new Request(`${echo.url}/slow?ms=10000`, { signal: controller.signal });
    const pending = fetch(request).catch((error: unknown) => error);
    await waiting;
    collectGarbage();
    controller.abort(new Error('mine'));
    expect([await pending, request.signal.aborted]).toEqual([new Error('mine'), true]);
  });

  test('before it begins, and by a timeout', async () => {
    for (const signal of [() => AbortSignal.abort(), () => AbortSignal.timeout(10)]) {
      const native = await errorOf(runtimeFetch(slow(), { signal: signal() }));
      expect(await errorOf(fetch(slow(), { signal: signal() }))).toEqual(native);
    }
  });
});

describe('many hops', () => {
  let requests: EchoedRequest[] = [];
  const count = (request: IncomingMessage, response: ServerResponse): void => {
    const headers = Object.entries(request.headers).map(([name, value]) => [name, String(value)] as const);
    requests.push({ method: '', path: request.url ?? '', headers, body: '', connection: 0 });
    const left = Number(request.url?.slice(1));
    if (left === 0) response.end('end');
    else response.writeHead(302, { location: `/${left - 1}` }).end();
  };

  test('20 carry the lane; the runtime follows the others without it', async () => {
    requests = [];
    await serve(count, async (url) => {
      const response = await fetch(`${url}/20`);
      expect([await response.text(), response.redirected]).toEqual(['end', true]);
      expect(requests.map(laneOf)).toEqual(Array.from({ length: 21 }, () => V2));
      requests = [];
      const further = await fetch(`${url}/25`);
      expect([await further.text(), further.redirected, further.url]).toEqual(['end', true, `${url}/0`]);
      expect(requests.slice(21).map(laneOf)).toEqual(Array.from({ length: 5 }, () => ['', '']));
    });
  });

  test("a loop ends with the runtime's error", async () => {
    await serve(
      (request, response) => void response.writeHead(302, { location: request.url }).end(),
      async (url) => {
        const native = await errorOf(runtimeFetch(`${url}/loop`));
        expect(await errorOf(fetch(`${url}/loop`))).toEqual(native);
      },
    );
  });
});

test.each<[string, () => unknown[]]>([
  ['a string that is not a URL', () => ['no url']],
  ['an object', () => [{}]],
  ['nothing', () => []],
  ['another scheme', () => ['ftp://127.0.0.1/']],
  ['an invalid header name', () => [echo.url, { headers: { 'bad name': '1' } }]],
  ['headers: null', () => [echo.url, { headers: null }]],
  ['an invalid method', () => [echo.url, { method: 'NO METHOD' }]],
  ['an invalid redirect mode', () => [echo.url, { redirect: 'somehow' }]],
  ['a redirect in mode error', () => [via('127.0.0.1', '/end'), { redirect: 'error' }]],
  ['a refused connection', () => ['http://127.0.0.1:1/']],
  ['a closed connection', () => [`${echo.url}/drop`]],
])('the same outcome as without Laneway: %s', async (_, args) => {
  const native = await errorOf(Reflect.apply(runtimeFetch, undefined, args()));
  expect(await errorOf(fetch(...args()))).toEqual(native);
});

test("the runtime's error: a Request that was read before", async () => {
  const used = async (): Promise<Request> => {
    const request = new Request(echo.url, { method: 'POST', body: 'x' });
    await request.text();
    return request;
  };
  expect(await errorOf(fetch(await used()))).toEqual(await errorOf(runtimeFetch(await used())));
});

test('the runtime handles other schemes', async () => {
  expect(await (await fetch('data:text/plain,hello')).text()).toBe('hello');
});

test('a call that does not follow redirects carries the lane', async () => {
  const response = await fetch(`${echo.url}/redirect?to=/end`, { redirect: 'manual' });
  expect([response.status, response.headers.get('location'), response.redirected]).toEqual([
    302,
    '/end',
    false,
  ]);
  const seen = await send(echo.url, { redirect: 'manual' });
  expect(laneOf(seen)).toEqual(V2);
});

test('options of every kind work and are not changed', async () => {
  class Options {
    #headers = Object.freeze({ 'x-own': '1' });
    get headers(): object {
      return this.#headers;
    }
    get method(): string {
      return 'PUT';
    }
    get body(): string {
      return 'body';
    }
  }
  const plain = { method: 'PUT', headers: { 'x-own': '1' }, body: 'body' };
  const kinds: [string, object][] = [
    ['plain', Object.freeze({ ...plain, headers: Object.freeze(plain.headers) })],
    ['a class', Object.freeze(new Options())],
    ['a function', Object.assign(() => {}, plain)],
    ['a proxy', new Proxy(plain, {})],
    ['without a prototype', Object.assign(Object.create(null) as object, plain)],
    ['headers as pairs', { ...plain, headers: Object.freeze([Object.freeze(['x-own', '1'])]) }],
    ['Headers', { ...plain, headers: new Headers(plain.headers) }],
  ];
  for (const [kind, options] of kinds) {
    const seen = await send(via('127.0.0.1', '/end', 307), options);
    expect([kind, seen.method, seen.body, ...headerLines(seen, 'x-own'), ...laneOf(seen)]).toEqual([
      kind,
      'PUT',
      'body',
      '1',
      ...V2,
    ]);
  }
  expect(plain).toEqual({ method: 'PUT', headers: { 'x-own': '1' }, body: 'body' });
});

test('each hop has the same this and further arguments', async () => {
  const calls: unknown[][] = [];
  function spy(this: unknown, ...args: unknown[]): Promise<unknown> {
    calls.push([this, ...args.slice(2)]);
    return Reflect.apply(runtimeFetch, undefined, args);
  }
  const self = {};
  const args = [via('127.0.0.1', '/end'), undefined, 'more'];
  await fetchByHops(spy, self, args, { lanes, lane });
  expect(calls).toEqual([
    [self, 'more'],
    [self, 'more'],
  ]);
});

function collectGarbage(): void {
  const { Bun } = globalThis as { Bun?: { gc(synchronously: boolean): void } };
  if (Bun) return Bun.gc(true);
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
}
