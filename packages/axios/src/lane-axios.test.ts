import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import http from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LanewayAdapterError } from '@laneway/core';
import {
  close,
  collectDrops,
  type EchoedRequest,
  laneBaggage,
  listen,
  takeTurns,
  useEcho,
} from '@laneway/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  type AnyAxios,
  type AnyConfig,
  type AnyResponse,
  clients,
  connect,
  connectFetch,
  laneOfResponse,
} from './clients.contract.js';
import { laneAxios } from './index.js';

const { lanes, echo, inLane } = useEcho();
let port: number;
// The path has the instructions, because axios 1.0 loses the question mark.
const server = http.createServer((request, response) => {
  const [, what, how = ''] = request.url?.split('/') ?? [];
  if (what === 'to') return void response.writeHead(302, { location: decodeURIComponent(how) }).end();
  if (what === 'status') return void response.writeHead(Number(how)).end();
  if (what === 'slow')
    return void setTimeout(() => echo.server.emit('request', request, response), Number(how));
  echo.server.emit('request', request, response);
});
beforeAll(async () => {
  port = await listen(server);
});
afterAll(() => close(server));

const at = (host: string, path: string): string => `http://${host}:${port}${path}`;
const via = (host: string, to: string): string => at(host, `/to/${encodeURIComponent(to)}`);
const V2 = ['v2', laneBaggage('v2')];
const NONE = ['', ''];
const EXTERNAL = 'external.example';

const ways = clients.flatMap(({ name, axios, has }) => [
  { name, axios, open: connect, fetches: false },
  ...(has.includes('fetch')
    ? [{ name: `${name}, adapter fetch`, axios, open: connectFetch, fetches: true }]
    : []),
]);

describe.each(ways)('$name', ({ axios: original, open, fetches }) => {
  const { config, close: closePool } = open();
  const axios = laneAxios(original.create(config), lanes);
  afterAll(closePool);
  const send = async (url: string, more?: AnyConfig): Promise<string[]> =>
    laneOfResponse(await inLane('v2', () => axios.get(url, more)));

  test('a redirect keeps the lane for internal hosts, drops it for external ones, and restores it on the way back', async () => {
    expect(await send(via('127.0.0.1', '/end'))).toEqual(V2);
    const drops = await collectDrops(async () => {
      expect(await send(via('127.0.0.1', at(EXTERNAL, '/end')))).toEqual(NONE);
    });
    expect(drops).toEqual([{ reason: 'egress', direction: 'attach', host: EXTERNAL }]);
    expect(await send(via(EXTERNAL, at('host.internal', '/end')))).toEqual(V2);
    expect(await send(via('127.0.0.1', via(EXTERNAL, at('127.0.0.1', '/end'))))).toEqual(V2);
  });

  test('50 lanes over one connection, every second call redirected to external hosts or back', async () => {
    const calls = Array.from({ length: 100 }, async (_, index) => {
      const lane = index % 5 === 4 ? undefined : `v${index % 50}`;
      const [url, foreign] = [
        [at('127.0.0.1', '/end'), false],
        [via('127.0.0.1', at(EXTERNAL, '/end')), true],
        [at('127.0.0.1', '/end'), false],
        [via(EXTERNAL, at('127.0.0.1', '/end')), false],
      ][index % 4] as [string, boolean];
      const call = async (): Promise<void> => {
        await takeTurns(index);
        const response = await axios.get(url);
        expect(lanes.current().name).toBe(lane);
        expect(laneOfResponse(response)).toEqual(
          lane === undefined || foreign ? NONE : [lane, laneBaggage(lane)],
        );
      };
      await (lane === undefined ? call() : inLane(lane, call));
    });
    await Promise.all(calls);
  });

  test("the caller's configuration is not changed, and responses are axios'", async () => {
    const httpAgent = config.httpAgent ?? new http.Agent();
    const given = Object.freeze({ headers: Object.freeze({ 'x-own': '1' }), httpAgent, maxRedirects: 3 });
    const before = JSON.stringify(Object.keys(axios.defaults));
    const response = await inLane('v2', () => axios.get(via('127.0.0.1', at(EXTERNAL, '/end')), given));
    expect(laneOfResponse(response)).toEqual(NONE);
    const plain = await original.create(config).get(via('127.0.0.1', '/end'), given);
    expect(Object.keys(response.config).toSorted()).toEqual(Object.keys(plain.config).toSorted());
    expect(response.config.httpAgent).toBe(httpAgent);
    expect(response.config.env).toEqual(plain.config.env);
    const { headers } = response.config as { headers: { toJSON(): object } };
    const { headers: expected } = plain.config as { headers: { toJSON(): object } };
    expect(headers.toJSON()).toEqual(expected.toJSON());
    expect(JSON.stringify(Object.keys(axios.defaults))).toBe(before);
  });

  test('without an agent, the lane is the only difference on the wire', async () => {
    const wire = async (client: AnyAxios): Promise<unknown> => {
      const { data } = await inLane('v2', () =>
        client.post(echo.url, { a: 1 }, fetches ? { adapter: 'fetch' } : {}),
      );
      const { headers, body } = data as EchoedRequest;
      return [body, headers.filter(([name]) => !['version', 'appver-a', 'baggage'].includes(name))];
    };
    expect(await wire(laneAxios(original.create(), lanes))).toEqual(await wire(original.create()));
  });

  test('every way to make a call', async () => {
    const url = echo.url;
    const makes: (() => Promise<AnyResponse>)[] = [
      () => axios(url),
      () => axios({ url, method: 'put' }),
      () => axios(url, { method: 'delete' }),
      () => axios.request({ url, baseURL: 'http://127.0.0.1:1' }),
      () => axios.post(url, 'text'),
      () => axios.create().get(url, config),
      () => laneAxios(original.create({ ...config, baseURL: url }), lanes).get('/path', { params: { a: 1 } }),
    ];
    for (const make of makes) expect(laneOfResponse(await inLane('v2', make))).toEqual(V2);
  });

  test('a call carries the lane of its caller, wherever it is awaited; one client serves every lane', async () => {
    const made = inLane('v2', () => axios.get(echo.url));
    expect(laneOfResponse(await inLane('v3', async () => made))).toEqual(V2);
    const lazy = inLane('v9', () => laneAxios(original.create(config), lanes));
    expect(laneOfResponse(await inLane('v2', () => lazy.get(echo.url)))).toEqual(V2);
    expect(laneOfResponse(await lazy.get(echo.url))).toEqual(NONE);
  });

  test('calls that wait for a busy connection, one of which another lane cancels', async () => {
    const busy = axios.get(at('127.0.0.1', '/slow/30'));
    const controller = new AbortController();
    const cancelled = inLane('v3', () => axios.get(echo.url, { signal: controller.signal })).catch(
      (error: Error) => error.name,
    );
    const waiting = inLane('v2', () => axios.get(echo.url));
    inLane('v4', () => controller.abort());
    expect(await cancelled).toMatch(/^(CanceledError|AxiosError)$/);
    expect(laneOfResponse(await waiting)).toEqual(V2);
    expect(laneOfResponse(await busy)).toEqual(NONE);
  });

  test("axios' errors and their configurations are the original's", async () => {
    type Failed = Error & { code?: string; status?: number; config?: AnyConfig; response?: AnyResponse };
    const errorOf = async (client: AnyAxios, url: string, more?: AnyConfig): Promise<unknown[]> => {
      const error = (await client.get(url, more).catch((reason: unknown) => reason)) as Failed;
      expect(error).toBeInstanceOf(Error);
      const keys = [error.config, error.response?.config].map((of) => of && Object.keys(of).toSorted());
      return [error.constructor, error.name, error.message, error.code, keys, error.config?.httpAgent];
    };
    const plain = original.create(config);
    const calls: [string, (() => AnyConfig)?][] = [
      ['http://127.0.0.1:1/'],
      [at('127.0.0.1', '/drop')],
      [at('127.0.0.1', '/slow/5000'), () => ({ timeout: 20 })],
      [at('127.0.0.1', '/status/404')],
      [at('127.0.0.1', '/slow/5000'), () => ({ signal: AbortSignal.abort() })],
      ['no url'],
      ['ftp://127.0.0.1/'],
    ];
    if (!fetches) {
      calls.push([via('127.0.0.1', '/end'), () => ({ maxRedirects: 0 })]);
      calls.push([echo.url, () => ({ httpAgent: 'agent' })]);
    }
    for (const [url, more] of calls) {
      const expected = await errorOf(plain, url, more?.());
      expect(await inLane('v2', () => errorOf(axios, url, more?.()))).toEqual(expected);
    }
  });

  test.skipIf(fetches)('a Unix socket is internal', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'laneway-'));
    const local = http.createServer((request, response) => echo.server.emit('request', request, response));
    await once(local.listen(join(folder, 's')), 'listening');
    expect(await send('http://localhost/end', { socketPath: join(folder, 's') })).toEqual(V2);
    await close(local);
    await rm(folder, { recursive: true });
  });

  test.skipIf(fetches)('the options transport and beforeRedirect', async () => {
    const seen: string[] = [];
    const transport = { request: (...args: [object]) => seen.push('transport') && http.request(...args) };
    expect(await send(echo.url, { transport })).toEqual(V2);
    const beforeRedirect = ({ headers }: { headers: Record<string, string> }): void => {
      seen.push(String(headers.version));
      headers['x-added'] = '1';
    };
    expect(await send(via('127.0.0.1', at(EXTERNAL, '/end')), { beforeRedirect })).toEqual(NONE);
    expect(seen).toEqual(['transport', 'undefined']);
  });

  test('wrapping twice attaches once; the last lanes are used; the instance stays the same', async () => {
    const instance = original.create(config);
    const wrapped = laneAxios(instance, lanes);
    expect([wrapped, laneAxios(wrapped, lanes)]).toEqual([instance, instance]);
    expect(laneOfResponse(await inLane('v2', () => wrapped.get(echo.url)))).toEqual(V2);
    const none = { ...lanes, current: () => lanes.capture({}) };
    expect(laneOfResponse(await inLane('v2', () => laneAxios(wrapped, none).get(echo.url)))).toEqual(NONE);
  });
});

test.each(clients)('the default instance: $name', async ({ axios }) => {
  // Vitest runs this file in its own process, so no other test sees the wrapped default instance.
  const wrapped = laneAxios(axios, lanes);
  expect(wrapped).toBe(axios);
  for (const client of [axios, axios.create()])
    expect(laneOfResponse(await inLane('v2', () => client(echo.url)))).toEqual(V2);
});

test('rejects a value that is not an axios instance', () => {
  expect(() => laneAxios(undefined as never, lanes)).toThrow(LanewayAdapterError);
  expect(() => laneAxios({} as never, lanes)).toThrow(/Pass the default export of axios/);
  expect(() => laneAxios(clients[0]!.axios, {} as never)).toThrow(LanewayAdapterError);
});
