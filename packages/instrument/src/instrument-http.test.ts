import { once } from 'node:events';
import http, { createServer, request as importedRequest } from 'node:http';
import http2 from 'node:http2';
import https from 'node:https';
import { createRequire } from 'node:module';
import { connect as connectTo } from 'node:net';
import { text } from 'node:stream/consumers';
import { promisify } from 'node:util';
import {
  close,
  contractLanes,
  type EchoedRequest,
  headerLines,
  laneBaggage,
  listen,
  loopbackLookup,
  useEcho,
} from '@laneway/testing';
import { generate } from 'selfsigned';
import type { Dispatcher } from 'undici';
import { afterEach, describe, expect, test } from 'vitest';
import { poolAgent, undicis } from '../../undici/src/undici.contract.js';
import { http2Echo } from './http2-echo.fixture.js';
import { type Instrumentation, type InstrumentOptions, instrumentHttp } from './index.js';

const { lanes, echo, inLane } = useEcho();

const started: Instrumentation[] = [];
const start = (used = lanes, options?: InstrumentOptions): Instrumentation => {
  const instrumentation = instrumentHttp(used, options);
  started.push(instrumentation);
  return instrumentation;
};
afterEach(() => started.splice(0).forEach(({ restore }) => restore()));

const linesOf = (seen: EchoedRequest): string[][] => [
  headerLines(seen, 'version'),
  headerLines(seen, 'baggage'),
];
const V2 = [['v2'], [laneBaggage('v2')]];
const NONE = [[], []];

const sendHttp = (send = http.request, url = echo.url): Promise<EchoedRequest> =>
  new Promise((resolve, reject) => {
    send(url, (response) => void text(response).then((body) => resolve(JSON.parse(body) as EchoedRequest)))
      .on('error', reject)
      .end();
  });
const sendFetch = async (url = echo.url): Promise<EchoedRequest> =>
  (await (await fetch(url)).json()) as EchoedRequest;
const sendBy = async (dispatcher: Dispatcher, url = echo.url): Promise<EchoedRequest> => {
  const { origin, pathname: path } = new URL(url);
  const { body } = await dispatcher.request({ origin, path, method: 'GET' });
  return (await body.json()) as EchoedRequest;
};

test('restore undoes everything', async () => {
  const before = [http.request, http.get, https.request, https.get, http2.connect, fetch];
  const [, undici] = undicis[3]!;
  const agent = poolAgent(undici);
  const composed = (): Dispatcher => agent.compose((dispatch) => dispatch);
  const { restore } = start();
  expect([http.request, http.get, https.request, https.get, http2.connect, fetch]).not.toEqual(before);
  const wrapped = composed();
  for (const seen of [sendHttp(), sendHttp(importedRequest), sendFetch(), sendBy(agent), sendBy(wrapped)])
    expect(linesOf(await seen)).toEqual(NONE);
  const calls = (): Promise<EchoedRequest[]> =>
    inLane('v2', () =>
      Promise.all([sendHttp(), sendHttp(importedRequest), sendFetch(), sendBy(agent), sendBy(wrapped)]),
    );
  for (const seen of await calls()) expect(linesOf(seen)).toEqual(V2);
  restore();
  expect([http.request, http.get, https.request, https.get, http2.connect, fetch]).toEqual(before);
  for (const seen of await calls()) expect(linesOf(seen)).toEqual(NONE);
  restore();
  await agent.close();
});

test('calling it twice attaches once, until both are restored', async () => {
  const [first, second] = [start(), start()];
  expect(linesOf(await inLane('v2', () => sendHttp()))).toEqual(V2);
  first.restore();
  first.restore();
  expect(linesOf(await inLane('v2', () => sendFetch()))).toEqual(V2);
  second.restore();
  expect(linesOf(await inLane('v2', () => sendFetch()))).toEqual(NONE);
});

test('with other lanes as well: one header, restored in any order', async () => {
  const [first, second] = [start(), start(contractLanes())];
  const both = (): Promise<EchoedRequest[]> => inLane('v2', () => Promise.all([sendHttp(), sendFetch()]));
  for (const seen of await both()) expect(linesOf(seen)).toEqual(V2);
  first.restore();
  for (const seen of await both()) expect(linesOf(seen)).toEqual(V2);
  second.restore();
  for (const seen of await both()) expect(linesOf(seen)).toEqual(NONE);
});

test('wrappers that others add later stay after restore, and the lane is gone', async () => {
  const { request: before } = http;
  const { restore } = start();
  const { request } = http;
  let calls = 0;
  const wrapper = (...args: Parameters<typeof request>): http.ClientRequest => {
    calls++;
    return request(...args);
  };
  http.request = wrapper as typeof request;
  try {
    expect(linesOf(await inLane('v2', () => sendHttp()))).toEqual(V2);
    restore();
    expect(http.request).toBe(wrapper);
    expect(linesOf(await inLane('v2', () => sendHttp()))).toEqual(NONE);
    expect(calls).toBe(2);
  } finally {
    http.request = before;
  }
});

test('rejects a value that is not lanes', () => {
  expect(() => instrumentHttp({} as never)).toThrow('instrumentHttp received an object, not lanes');
});

test('getHeaders omits the lane, getHeader returns it', async () => {
  start();
  const request = inLane('v2', () => http.request(echo.url, { headers: { 'x-own': '1' } }));
  expect(request.getHeaders()).toEqual(expect.objectContaining({ 'x-own': '1' }));
  expect(request.getHeaders()).not.toHaveProperty('version');
  expect(request.getHeader('version')).toBe('v2');
  request.end();
  const [response] = (await once(request, 'response')) as [http.IncomingMessage];
  expect(linesOf(JSON.parse(await text(response)) as EchoedRequest)).toEqual(V2);
});

test('https, and promisified http2', async () => {
  start();
  const { private: key, cert } = await generate([{ name: 'commonName', value: 'localhost' }], {
    algorithm: 'sha256',
  });
  const server = https.createServer({ key, cert }, (request, response) =>
    echo.server.emit('request', request, response),
  );
  const url = `https://127.0.0.1:${await listen(server)}`;
  for (const make of [https.request, https.get]) {
    const send = ((to: string, done: never) =>
      make(to, { rejectUnauthorized: false }, done)) as typeof http.request;
    expect(linesOf(await inLane('v2', () => sendHttp(send, url)))).toEqual(V2);
  }
  await close(server);

  const over2 = await http2Echo();
  const session = (await promisify(http2.connect)(over2.url)) as http2.ClientHttp2Session;
  const stream = inLane('v2', () => session.request({ ':path': '/' }));
  expect(linesOf(JSON.parse(await text(stream)) as EchoedRequest)).toEqual(V2);
  session.destroy();
  await over2.close();
});

describe.each(undicis)('%s', (version, undici) => {
  const composes = version !== 'undici 6.0';

  test.runIf(composes)(
    'a dispatcher that is composed before: requests that wait in its pool have the lane of their call',
    async () => {
      const pool = new undici.Pool(echo.url, { connections: 1 });
      const composed = pool.compose((dispatch) => dispatch);
      start();
      const calls = Array.from({ length: 30 }, async (_, index) => {
        const name = index % 4 === 3 ? undefined : `v${index}`;
        const seen = await (name === undefined ? sendBy(composed) : inLane(name, () => sendBy(composed)));
        expect(linesOf(seen)).toEqual(name === undefined ? NONE : [[name], [laneBaggage(name)]]);
      });
      await Promise.all(calls);
      await pool.close();
    },
  );

  test('a global dispatcher that is set later, also of a subclass', async () => {
    start();
    const before = undici.getGlobalDispatcher();
    const agent = new undici.Agent({ connect: { lookup: loopbackLookup } });
    class Late extends undici.Dispatcher {
      override dispatch(...args: Parameters<Dispatcher['dispatch']>): boolean {
        return agent.dispatch(...args);
      }
    }
    for (const dispatcher of [agent, new Late()]) {
      undici.setGlobalDispatcher(dispatcher as never);
      try {
        const fetched = (await (await inLane('v2', () => undici.fetch(echo.url))).json()) as EchoedRequest;
        expect(linesOf(fetched)).toEqual(V2);
        const external = `http://external.example:${echo.port}/`;
        const { body } = await inLane('v2', () => undici.request(external));
        expect(linesOf((await body.json()) as EchoedRequest)).toEqual(NONE);
      } finally {
        undici.setGlobalDispatcher(before);
      }
    }
    await agent.close();
  });

  test('the CONNECT of a proxy carries no lane', async () => {
    start();
    const tunnels: unknown[] = [];
    const proxy = createServer().on('connect', (request, socket) => {
      tunnels.push(request.headers.version);
      const upstream = connectTo(echo.port, '127.0.0.1', () => {
        socket.write('HTTP/1.1 200 OK\r\n\r\n');
        socket.pipe(upstream).pipe(socket);
      });
    });
    const uri = `http://127.0.0.1:${await listen(proxy)}`;
    const agent = new undici.ProxyAgent({ uri, proxyTunnel: true });
    expect(linesOf(await inLane('v2', () => sendBy(agent)))).toEqual(V2);
    expect(tunnels).toEqual([undefined]);
    await agent.destroy();
    await close(proxy);
  });

  const { deduplicate } = (undici.interceptors ?? {}) as {
    deduplicate?: () => Dispatcher.DispatcherComposeInterceptor;
  };
  test.runIf(deduplicate)('an interceptor that shares answers does not share them across lanes', async () => {
    start();
    const agent = new undici.Agent();
    const composed = agent.compose(deduplicate!());
    const calls = ['v1', 'v2', 'v1', 'v3'].map((name) => inLane(name, () => sendBy(composed)));
    const seen = await Promise.all(calls);
    expect(seen.map((request) => linesOf(request)[0])).toEqual([['v1'], ['v2'], ['v1'], ['v3']]);
    await agent.close();
  });
});

/** Loads another copy of undici 6, and removes it from `require.cache`. */
function loadCopy(): (typeof undicis)[0][1] {
  const require = createRequire(import.meta.url);
  const folder = require.resolve('undici-6').replace(/index\.js$/, '');
  const take = (): [string, NodeJS.Module | undefined][] => {
    const removed = Object.entries(require.cache).filter(([name]) => name.startsWith(folder));
    for (const [name] of removed) delete require.cache[name];
    return removed;
  };
  const before = take();
  const copy = require('undici-6') as (typeof undicis)[0][1];
  take();
  Object.assign(require.cache, Object.fromEntries(before));
  return copy;
}

test('a copy of undici that is loaded later', async () => {
  start();
  const pool = new (loadCopy().Pool)(echo.url, { connections: 1 });
  const calls = ['v1', 'v2', 'v3'].map((name) => inLane(name, () => sendBy(pool)));
  expect((await Promise.all(calls)).map((seen) => linesOf(seen)[0])).toEqual([['v1'], ['v2'], ['v3']]);
  await pool.close();
});

test('a copy of undici that is passed, because it cannot be found', async () => {
  const copy = loadCopy();
  const agent = new copy.Agent();
  const { restore } = start();
  expect(linesOf(await inLane('v2', () => sendBy(agent)))).toEqual(NONE);
  restore();
  start(lanes, { undici: [copy] });
  expect(linesOf(await inLane('v2', () => sendBy(agent)))).toEqual(V2);
  await agent.close();
});
