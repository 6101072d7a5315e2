import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import {
  close,
  type EchoedRequest,
  headerLines,
  laneBaggage,
  listen,
  testUnless,
  useEcho,
} from '@laneway/testing';
import type { Dispatcher } from 'undici';
import { afterEach, describe, expect, test } from 'vitest';
import { laneFetch } from '../../fetch/src/index.js';
import { laneDispatcher, laneInterceptor } from './index.js';
import {
  echoRequest,
  V2,
  linesOf,
  NONE,
  poolAgent,
  readRequest,
  wait,
  type Undici,
  undicis,
} from './undici.contract.js';

type Interceptor = Dispatcher.DispatcherComposeInterceptor;

const { lanes, echo, inLane } = useEcho();

const lane = (): Interceptor => laneInterceptor(lanes);

const opened: Dispatcher[] = [];
afterEach(async () => {
  await Promise.all(opened.splice(0).map((dispatcher) => dispatcher.destroy()));
});
function open(undici: Undici, options: object = {}): Dispatcher {
  const agent = poolAgent(undici, options);
  opened.push(agent);
  return agent;
}
const send = (dispatcher: Dispatcher, url = echo.url, options = {}): Promise<EchoedRequest> =>
  echoRequest(dispatcher, url, options);
const externalUrl = (): string => `http://external.example:${echo.port}/`;
const redirectTo = (to: string, status = 302): string =>
  `${echo.url}/redirect?status=${status}&to=${encodeURIComponent(to)}`;

// undici 6 caches what sends the redirects of a dispatcher at its first call.
test('undici 6: laneInterceptor and the option maxRedirections, at the first call', async () => {
  const [, undici] = undicis.find(([name]) => name === 'undici 6') as (typeof undicis)[number];
  const dispatcher = open(undici).compose(lane());
  const options = { maxRedirections: 5 };
  expect(linesOf(await inLane('v2', () => send(dispatcher, redirectTo(externalUrl()), options)))).toEqual(
    NONE,
  );
});

// undici 6.0 has no `compose`. There the option `maxRedirections` follows redirects, below the wrapper.
describe.each(undicis)('%s: redirects', (version, undici) => {
  const { redirect } = undici.interceptors ?? {};
  const follow = (): Interceptor => redirect({ maxRedirections: 5 });
  const orders: [string, () => Dispatcher][] = [
    ['below one that waits, wrapped', () => laneDispatcher(open(undici).compose(follow(), wait), lanes)],
    ['below one that waits', () => open(undici).compose(follow(), wait, lane())],
    ['below a wrapped dispatcher', () => laneDispatcher(open(undici).compose(follow()), lanes)],
    ['above a wrapped dispatcher', () => laneDispatcher(open(undici), lanes).compose(follow())],
    ['below the interceptor', () => open(undici).compose(follow()).compose(lane())],
    ['above the interceptor', () => open(undici).compose(lane(), follow())],
    ['between two', () => laneDispatcher(open(undici).compose(lane(), follow(), lane()), lanes)],
    [
      'below a RetryAgent',
      () => laneDispatcher(new undici.RetryAgent(open(undici).compose(follow())), lanes),
    ],
  ];
  const inOptions: [string, () => Dispatcher][] = [
    ['by the option of undici 6', () => laneDispatcher(open(undici, { maxRedirections: 5 }), lanes)],
  ];
  const cases = [
    ...(version === 'undici 6.0' ? [] : orders),
    ...(version.startsWith('undici 6') ? inOptions : []),
  ];

  test.each(cases)('%s: egress checks each hop, and each hop has the lane of the call', async (_, make) => {
    const dispatcher = make();
    expect(linesOf(await inLane('v2', () => send(dispatcher, redirectTo('/end'))))).toEqual(V2);
    expect(linesOf(await inLane('v2', () => send(dispatcher, redirectTo(externalUrl()))))).toEqual(NONE);
    const home = `${externalUrl()}redirect?to=${encodeURIComponent(`${echo.url}/home`)}`;
    expect(linesOf(await inLane('v2', () => send(dispatcher, redirectTo(home))))).toEqual(V2);
    expect(linesOf(await inLane('v2', () => send(dispatcher, home)))).toEqual(V2);
    const internal = `http://host.internal:${echo.port}/`;
    expect(linesOf(await inLane('v2', () => send(dispatcher, redirectTo(internal))))).toEqual(V2);
    expect(linesOf(await send(dispatcher, redirectTo(internal)))).toEqual(NONE);
  });

  test.each(cases)("%s: the caller's own headers go where they would have gone", async (_, make) => {
    const dispatcher = make();
    for (const headers of [
      { version: 'mine', Baggage: 'own=1', 'x-own': '1' },
      ['version', 'mine', 'Baggage', 'own=1', 'x-own', '1'],
    ]) {
      const seen = await inLane('v2', () => send(dispatcher, redirectTo(externalUrl()), { headers }));
      expect(linesOf(seen)).toEqual([['mine'], ['own=1']]);
      expect(headerLines(seen, 'x-own')).toEqual(['1']);
      expect(headerLines(seen, 'appver-a')).toEqual([]);
    }
  });

  // A stream cannot be sent twice, so undici returns the redirect response.
  test.each(cases)('%s: 307 with a body, and 303 without', async (_, make) => {
    const dispatcher = make();
    const post = { method: 'POST', body: 'body' };
    const kept = await inLane('v2', () => send(dispatcher, redirectTo('/end', 307), post));
    expect([kept.method, kept.body, linesOf(kept)]).toEqual(['POST', 'body', V2]);
    const foreign = await inLane('v2', () => send(dispatcher, redirectTo(externalUrl(), 307), post));
    expect([foreign.method, foreign.body, linesOf(foreign)]).toEqual(['POST', 'body', NONE]);
    const got = await inLane('v2', () => send(dispatcher, redirectTo('/end', 303), post));
    expect([got.method, linesOf(got)]).toEqual(['GET', V2]);
    const streamed = { method: 'POST', body: Readable.from(['bo', 'dy']) };
    const { status } = await inLane('v2', () =>
      readRequest(dispatcher, redirectTo(externalUrl(), 307), streamed),
    );
    expect(status).toBe(307);
  });

  test.each(cases)('%s: 50 lanes whose requests wait for one connection', async (_, make) => {
    const dispatcher = make();
    const calls = Array.from({ length: 100 }, async (__, index) => {
      const name = index % 5 === 4 ? undefined : `v${index % 50}`;
      const url =
        index % 3 === 0 ? redirectTo(externalUrl()) : index % 3 === 1 ? redirectTo('/end') : `${echo.url}/`;
      const seen = await (name === undefined
        ? send(dispatcher, url)
        : inLane(name, () => send(dispatcher, url)));
      const isLaned = name !== undefined && index % 3 !== 0;
      expect(linesOf(seen)).toEqual(isLaned ? [[name], [laneBaggage(name)]] : NONE);
    });
    await Promise.all(calls);
  });

  testUnless(version === 'undici 6.0' && 'it cannot compose')('below laneFetch', async () => {
    const fetch = laneFetch(undici.fetch, lanes);
    const dispatcher = open(undici).compose(follow());
    const seen = await inLane('v2', () => fetch(redirectTo(externalUrl()), { dispatcher }));
    expect(linesOf((await seen.json()) as EchoedRequest)).toEqual(NONE);
  });
});

const missing = 'this version does not have it';
const composing = undicis.filter(([version]) => version !== 'undici 6.0');

describe.each(composing)('%s: interceptors', (_, undici) => {
  const { interceptors } = undici;
  const edit: Interceptor = (dispatch) => (options, handler) =>
    dispatch({ ...options, headers: { ...(options.headers as object), 'x-edited': '1' } }, handler);

  test('before and after an interceptor that edits headers', async () => {
    for (const dispatcher of [open(undici).compose(lane(), edit), open(undici).compose(edit, lane())]) {
      const seen = await inLane('v2', () => send(dispatcher, echo.url, { headers: { 'x-own': '1' } }));
      expect(linesOf(seen)).toEqual(V2);
      expect([headerLines(seen, 'x-own'), headerLines(seen, 'x-edited')]).toEqual([['1'], ['1']]);
    }
  });

  test('a lane header that an interceptor sets wins, above or below', async () => {
    const set: Interceptor = (dispatch) => (options, handler) =>
      dispatch({ ...options, headers: { ...(options.headers as object), version: 'set' } }, handler);
    for (const dispatcher of [open(undici).compose(lane(), set), open(undici).compose(set, lane())])
      expect((await inLane('v2', () => send(dispatcher)).then(linesOf))[0]).toEqual(['set']);
  });

  test('an interceptor that changes the origin in new options: egress checks the new origin', async () => {
    const { origin } = new URL(externalUrl());
    const rewrite: Interceptor = (dispatch) => (options, handler) => {
      const { path, method, headers = {} } = options;
      return dispatch({ origin, path, method, headers }, handler);
    };
    const dispatcher = open(undici).compose(rewrite, lane());
    for (const headers of [{ 'x-own': '1' }, ['x-own', '1']]) {
      const seen = await inLane('v2', () => send(dispatcher, echo.url, { headers }));
      expect([linesOf(seen), headerLines(seen, 'x-own')]).toEqual([NONE, ['1']]);
    }
  });

  test('retry, above and below: each attempt has the lane of the call, on a connection that another lane opened', async () => {
    const failures = new Map<string, number>();
    const server = createServer((request, response) => {
      const id = String(request.headers['x-id']);
      const count = failures.get(id) ?? 0;
      failures.set(id, count + 1);
      if (count < 2) response.writeHead(503).end();
      else response.end(String(request.headers.version));
    });
    const url = `http://127.0.0.1:${await listen(server)}`;
    const retry = (): Interceptor => interceptors.retry({ minTimeout: 1, timeoutFactor: 1, maxRetries: 5 });
    for (const dispatcher of [open(undici).compose(lane(), retry()), open(undici).compose(retry(), lane())]) {
      failures.clear();
      const calls = Array.from({ length: 20 }, async (__, index) => {
        const call = (): Promise<{ body: string }> =>
          readRequest(dispatcher, url, { headers: { 'x-id': String(index) } });
        const { body } = await (index % 5 === 4 ? call() : inLane(`v${index}`, call));
        expect(body).toBe(index % 5 === 4 ? 'undefined' : `v${index}`);
      });
      await Promise.all(calls);
    }
    await close(server);
  });

  test('dump, which discards the body', async () => {
    for (const dispatcher of [
      open(undici).compose(lane(), interceptors.dump()),
      open(undici).compose(interceptors.dump(), lane()),
    ]) {
      const seen = once(echo.server, 'request') as Promise<[IncomingMessage]>;
      expect((await inLane('v2', () => readRequest(dispatcher, echo.url))).body).toBe('');
      expect((await seen)[0].headers.version).toBe('v2');
    }
  });

  testUnless(!interceptors.dns && missing)(
    'dns, above and below: egress checks the name, not the address',
    async () => {
      const dns = (): Interceptor =>
        interceptors.dns({
          lookup: (_origin, _options, callback) =>
            callback(null, [{ address: '127.0.0.1', family: 4, ttl: 1000 } as never]),
        });
      for (const dispatcher of [
        open(undici).compose(lane(), dns()),
        open(undici).compose(dns(), lane()),
        laneDispatcher(open(undici).compose(dns()), lanes),
        laneDispatcher(open(undici), lanes).compose(dns()),
      ]) {
        expect(linesOf(await inLane('v2', () => send(dispatcher, externalUrl())))).toEqual(NONE);
        const internal = `http://host.internal:${echo.port}/`;
        const calls = [1, 2, 3].map((n) => inLane(`v${n}`, () => send(dispatcher, internal)));
        expect((await Promise.all(calls)).map((seen) => linesOf(seen)[0])).toEqual([['v1'], ['v2'], ['v3']]);
      }
    },
  );

  testUnless(!interceptors.decompress && missing)('decompress', async () => {
    const server = createServer((request, response) => {
      response.writeHead(200, { 'content-encoding': 'gzip' });
      response.end(gzipSync(String(request.headers.version)));
    });
    const url = `http://127.0.0.1:${await listen(server)}`;
    for (const dispatcher of [
      open(undici).compose(lane(), interceptors.decompress()),
      open(undici).compose(interceptors.decompress(), lane()),
    ])
      expect((await inLane('v2', () => readRequest(dispatcher, url))).body).toBe('v2');
    await close(server);
  });

  const { cache, deduplicate } = interceptors as {
    cache?: () => Interceptor;
    deduplicate?: () => Interceptor;
  };
  testUnless(!cache && missing)(
    'cache below laneInterceptor: an answer that varies with the lane is not shared',
    async () => {
      let count = 0;
      const server = createServer((request, response) => {
        response.writeHead(200, { 'cache-control': 'public, max-age=60', vary: 'version' });
        response.end(`${String(request.headers.version)} ${++count}`);
      });
      const url = `http://127.0.0.1:${await listen(server)}`;
      const dispatcher = laneDispatcher(open(undici).compose(cache!()), lanes);
      const read = async (name: string): Promise<string> =>
        (await inLane(name, () => readRequest(dispatcher, url))).body;
      expect([await read('v1'), await read('v2')]).toEqual(['v1 1', 'v2 2']);
      expect([await read('v1'), await read('v2')]).toEqual(['v1 1', 'v2 2']);
      await close(server);
    },
  );

  testUnless(!deduplicate && missing)(
    'deduplicate below laneInterceptor: nothing is shared across lanes',
    async () => {
      const dispatcher = open(undici).compose(deduplicate!(), lane());
      const calls = ['v1', 'v2', 'v1', 'v3'].map((name) => inLane(name, () => send(dispatcher)));
      const seen = await Promise.all(calls);
      expect(seen.map((request) => linesOf(request)[0])).toEqual([['v1'], ['v2'], ['v1'], ['v3']]);
    },
  );
});
