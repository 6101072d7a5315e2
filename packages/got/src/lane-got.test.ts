import { once } from 'node:events';
import http from 'node:http';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BASELINE, LanewayAdapterError } from '@laneway/core';
import {
  close,
  collectDrops,
  type EchoedRequest,
  laneBaggage,
  laneOf,
  takeTurns,
  useEcho,
} from '@laneway/testing';
import { afterAll, describe, expect, test } from 'vitest';
import { type AnyGot, type AnyResponse, clients, connect } from './clients.contract.js';
import { laneGot } from './index.js';

const { lanes, echo, inLane, at, via } = useEcho();

const echoed = ({ body }: { body: string }): EchoedRequest => JSON.parse(body) as EchoedRequest;
const V2 = ['v2', laneBaggage('v2')];
const NONE = ['', ''];

describe.each(clients)('$name', ({ got: original, has }) => {
  const { options, agent, close: closePool } = connect();
  const got = laneGot(original, lanes).extend(options);
  afterAll(closePool);
  const send = async (url: string, more?: object): Promise<EchoedRequest> =>
    echoed(await inLane('v2', () => got(url, more)));

  test('a redirect keeps the lane for internal hosts, drops it for external ones, and restores it on the way back', async () => {
    expect(laneOf(await send(via('127.0.0.1', '/end')))).toEqual(V2);
    const drops = await collectDrops(async () => {
      expect(laneOf(await send(via('127.0.0.1', at('external.example', '/end'))))).toEqual(NONE);
    });
    expect(drops).toEqual([{ reason: 'egress', direction: 'attach', host: 'external.example' }]);
    expect(laneOf(await send(via('external.example', at('host.internal', '/end'))))).toEqual(V2);
    const there = via('127.0.0.1', via('external.example', at('127.0.0.1', '/end')));
    expect(laneOf(await send(there))).toEqual(V2);
  });

  test("the caller's header is sent wherever got sends it, without the lane", async () => {
    const headers = Object.freeze({ baggage: 'own=1' });
    const url = via('127.0.0.1', at('external.example', '/end'));
    const response = await inLane('v2', () => got(url, { headers }));
    expect(laneOf(echoed(response))).toEqual(['', 'own=1']);
    expect(response.request.options.headers).toMatchObject({ baggage: 'own=1' });
    expect(response.request.options.headers).not.toHaveProperty('version');
    expect(agent.http).not.toHaveProperty('addRequest.name', '');
  });

  test('50 lanes over one connection, every second call redirected to external hosts or back', async () => {
    const calls = Array.from({ length: 100 }, async (_, index) => {
      const lane = index % 5 === 4 ? undefined : `v${index % 50}`;
      const [url, foreign] = [
        [at('127.0.0.1', '/end'), false],
        [via('127.0.0.1', at('external.example', '/end')), true],
        [at('127.0.0.1', '/end'), false],
        [via('external.example', at('127.0.0.1', '/end')), false],
      ][index % 4] as [string, boolean];
      const call = async (): Promise<void> => {
        await takeTurns(index);
        const response = await got(url);
        expect(lanes.current().name).toBe(lane);
        const expected = lane === undefined || foreign ? NONE : [lane, laneBaggage(lane)];
        expect(laneOf(echoed(response))).toEqual(expected);
      };
      await (lane === undefined ? call() : inLane(lane, call));
    });
    await Promise.all(calls);
  });

  test('a call carries the lane of its caller, wherever it is awaited', async () => {
    const made = inLane('v2', () => got(echo.url));
    const seen = echoed(await inLane('v3', async () => made));
    expect(laneOf(seen)).toEqual(V2);
    const shortcut = inLane('v2', () => got(echo.url));
    expect(laneOf((await lanes.baseline(() => shortcut.json())) as EchoedRequest)).toEqual(V2);
  });

  test('a client that one lane creates serves the others', async () => {
    const lazy = inLane('v9', () => laneGot(original, lanes).extend(options));
    expect(laneOf(echoed(await inLane('v2', () => lazy(echo.url))))).toEqual(V2);
    expect(laneOf(echoed(await lazy(echo.url)))).toEqual(NONE);
  });

  test('a retry, from a timer of another turn, has the lane of its call', async () => {
    const lanesSeen: string[] = [];
    const server = http.createServer((request, response) => {
      lanesSeen.push(String(request.headers.version));
      if (lanesSeen.length % 2 === 1) request.socket.destroy();
      else response.end('{}');
    });
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const { port } = server.address() as { port: number };
    const retry = { limit: 1, calculateDelay: ({ attemptCount = 1 }) => (attemptCount > 1 ? 0 : 5) };
    const client = got.extend({ retry });
    const call = (): Promise<AnyResponse> => client(`http://127.0.0.1:${port}/`);
    expect((await inLane('v2', call)).statusCode).toBe(200);
    await call();
    expect(lanesSeen).toEqual(['v2', 'v2', 'undefined', 'undefined']);
    await close(server);
  });

  test('pages: each carries the lane of the code that iterates, also with the options of the previous page', async () => {
    const pagination = {
      transform: (response: AnyResponse) => [echoed(response)],
      paginate: (first: AnyResponse & { response?: AnyResponse }) =>
        (first.response ?? first).request.options,
      countLimit: 3,
    };
    const iterator = got.paginate(echo.url, { pagination })[Symbol.asyncIterator]();
    const next = async (): Promise<string[]> => laneOf((await iterator.next()).value as EchoedRequest);
    expect(await inLane('v2', next)).toEqual(V2);
    expect(await inLane('v3', next)).toEqual(['v3', laneBaggage('v3')]);
    expect(await lanes.baseline(next)).toEqual(NONE);
  });

  test('a function in the option request', async () => {
    const urls: string[] = [];
    const request = (url: URL, native: http.RequestOptions): http.ClientRequest => {
      urls.push(String(url));
      return http.request(url, native);
    };
    expect(laneOf(await send(via('127.0.0.1', at('external.example', '/')), { request }))).toEqual(NONE);
    expect(laneOf(await send(echo.url, { request }))).toEqual(V2);
    expect(urls).toHaveLength(3);
  });

  test.skipIf(!has.includes('cache'))('a cache: the request carries the lane', async () => {
    const client = got.extend({ cache: new Map() });
    const response = await inLane('v2', () => client(at('127.0.0.1', '/cached')));
    expect([laneOf(echoed(response)), response.isFromCache]).toEqual([V2, false]);
  });

  test('a Unix socket is internal', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'laneway-'));
    const server = http.createServer((request, response) => echo.server.emit('request', request, response));
    await once(server.listen(join(folder, 's')), 'listening');
    const more = has.includes('enableUnixSockets') ? { enableUnixSockets: true } : {};
    expect(laneOf(await send(`http://unix:${join(folder, 's')}:/end`, more))).toEqual(V2);
    await close(server);
    await rm(folder, { recursive: true });
  });

  const agents: [string, object][] = [
    ['no agent', {}],
    ['no agent for http', { agent: { https: new http.Agent() } }],
    ...(has.includes('no agent')
      ? [['one connection each', { agent: { http: false } }] as [string, object]]
      : []),
  ];
  test.each(agents)('the lane is the only difference on the wire: %s', async (_, more) => {
    const wire = async (client: AnyGot): Promise<unknown> => {
      const { headers } = echoed(await inLane('v2', () => client(echo.url, more)));
      return headers.filter(([name]) => !['version', 'appver-a', 'baggage'].includes(name));
    };
    expect(await wire(laneGot(original, lanes))).toEqual(await wire(original));
    expect(laneOf(echoed(await inLane('v2', () => laneGot(original, lanes)(echo.url, more))))).toEqual(V2);
  });

  test("errors are got's", async () => {
    const errorOf = async (client: AnyGot, url: string, more?: object): Promise<unknown[]> => {
      const error = (await client(url, more).catch((reason: unknown) => reason)) as Error & { code?: string };
      expect(error).toBeInstanceOf(Error);
      return [error.constructor, error.name, error.message, error.code];
    };
    const plain = original.extend(options);
    const calls: [string, object?][] = [
      ['http://127.0.0.1:1/'],
      [at('127.0.0.1', '/drop')],
      [at('127.0.0.1', '/slow?ms=5000'), { timeout: { request: 20 } }],
      [at('127.0.0.1', '/redirect?status=500')],
      [via('127.0.0.1', '/end'), { maxRedirects: 0 }],
      ['no url'],
      ['ftp://127.0.0.1/'],
      [echo.url, { headers: { 'bad name': '1' } }],
      [echo.url, { agent: { http: 'agent' } }],
    ];
    for (const [url, more] of calls) {
      const expected = await errorOf(plain, url, more);
      expect(await inLane('v2', () => errorOf(got, url, more))).toEqual(expected);
    }
  });

  test('wrapping twice attaches once, the original is not changed, and extended instances carry the lane', async () => {
    expect(laneOf(echoed(await inLane('v2', () => laneGot(got, lanes)(echo.url))))).toEqual(V2);
    expect(laneOf(echoed(await inLane('v2', () => original(echo.url))))).toEqual(NONE);
    expect(laneOf(echoed(await inLane('v2', () => original.extend(options, got)(echo.url))))).toEqual(V2);
  });
});

test('rejects a value that is not a got instance', () => {
  expect(lanes.current()).toBe(BASELINE);
  expect(() => laneGot(undefined as never, lanes)).toThrow(LanewayAdapterError);
  expect(() => laneGot({} as never, lanes)).toThrow(/Pass the default export of got/);
  expect(() => laneGot(clients[0]!.got, {} as never)).toThrow(LanewayAdapterError);
});
