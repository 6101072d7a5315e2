import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import http from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { LanewayAdapterError } from '@laneway/core';
import {
  close,
  collectDrops,
  type EchoedRequest,
  headerLines,
  laneBaggage,
  laneOf,
  listen,
  takeTurns,
  useEcho,
} from '@laneway/testing';
import { afterAll, describe, expect, test } from 'vitest';
import { type AnyRequest, type AnySuperagent, clients, connect } from './clients.contract.js';
import { laneSuperagent } from './index.js';

const { lanes, echo, inLane, at, via } = useEcho();

const V2 = ['v2', laneBaggage('v2')];
const NONE = ['', ''];
const EXTERNAL = 'external.example';

describe.each(clients)('$name', ({ superagent: original }) => {
  const request = laneSuperagent(original, lanes);
  const pool = connect();
  afterAll(() => pool.destroy());
  const get = (url: string): AnyRequest => request.get(url).agent(pool);
  const send = async (url: string, headers: object = {}): Promise<string[]> =>
    laneOf((await inLane('v2', () => get(url).set(headers))).body);

  test('a redirect keeps the lane for internal hosts, drops it for external ones, and restores it on the way back', async () => {
    expect(await send(via('127.0.0.1', '/end'))).toEqual(V2);
    const drops = await collectDrops(async () => {
      expect(await send(via('127.0.0.1', at(EXTERNAL, '/end')))).toEqual(NONE);
    });
    expect(drops).toEqual([{ reason: 'egress', direction: 'attach', host: EXTERNAL }]);
    expect(await send(via(EXTERNAL, at('host.internal', '/end')))).toEqual(V2);
    expect(await send(via('127.0.0.1', via(EXTERNAL, at('127.0.0.1', '/end'))))).toEqual(V2);
  });

  test.each([301, 302, 303, 307, 308])(
    '%i: superagent copies headers to the next hop, but not the lane',
    async (status) => {
      const post = (): AnyRequest =>
        request
          .post(via('127.0.0.1', at(EXTERNAL, '/end'), status))
          .agent(pool)
          .set({ 'x-own': '1' })
          .send({ a: 1 });
      const pending = inLane('v2', post);
      const { body } = await pending;
      expect([laneOf(body), headerLines(body as EchoedRequest, 'x-own')]).toEqual([NONE, ['1']]);
      expect(Object.keys(pending.header)).not.toContain('version');
    },
  );

  test("the caller's headers are sent wherever superagent sends them, and merged only for internal hosts", async () => {
    const merged = 'own=1,2=two,Lane=v2;p1 = x;flag,userId=%41lice%20%C3%BC,1=one,empty=';
    const baggage = { Baggage: 'own=1' };
    expect(await send(via('127.0.0.1', '/end'), baggage)).toEqual(['v2', merged]);
    expect(await send(via('127.0.0.1', at(EXTERNAL, '/end')), baggage)).toEqual(['', 'own=1']);
    const back = via('127.0.0.1', via(EXTERNAL, at('127.0.0.1', '/end')));
    expect(await send(back, baggage)).toEqual(['v2', merged]);
    expect(await send(via('127.0.0.1', at(EXTERNAL, '/end')), { version: 'v2' })).toEqual(['v2', '']);
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
        const { body } = await get(url);
        expect(lanes.current().name).toBe(lane);
        expect(laneOf(body)).toEqual(lane === undefined || foreign ? NONE : [lane, laneBaggage(lane)]);
      };
      await (lane === undefined ? call() : inLane(lane, call));
    });
    await Promise.all(calls);
  });

  test('a request carries the lane that created it, wherever it is sent and awaited', async () => {
    const made = inLane('v2', () => get(echo.url));
    expect(laneOf((await inLane('v3', async () => made)).body)).toEqual(V2);
    const late = inLane('v2', () => get(via('127.0.0.1', '/end')));
    expect(laneOf((await lanes.baseline(async () => late)).body)).toEqual(V2);
  });

  test('a client and an agent that one lane creates serve the others', async () => {
    const [lazy, agent] = inLane('v9', () => [laneSuperagent(original, lanes), request.agent()] as const);
    for (const client of [lazy, agent]) {
      expect(laneOf((await inLane('v2', () => client.get(echo.url))).body)).toEqual(V2);
      expect(laneOf((await client.get(echo.url)).body)).toEqual(NONE);
    }
  });

  test('a retry has the lane of its request', async () => {
    const seen: string[] = [];
    const server = http.createServer(({ headers, socket }, response) => {
      seen.push([headers.version, headers.baggage].map(String).join(' '));
      if (seen.length % 2 === 1) socket.destroy();
      else response.end();
    });
    const url = `http://127.0.0.1:${await listen(server)}/`;
    await inLane('v2', () => get(url).retry(1));
    await get(url).retry(1);
    await inLane('v3', () => get(via('127.0.0.1', url)).retry(1));
    const of = (lane: string): string => `${lane} ${laneBaggage(lane)}`;
    expect(seen).toEqual([
      of('v2'),
      of('v2'),
      'undefined undefined',
      'undefined undefined',
      of('v3'),
      of('v3'),
    ]);
    await close(server);
  });

  test('every way to make a request', async () => {
    const ended = (
      start: (done: (error: unknown, response?: { body: unknown }) => void) => unknown,
    ): Promise<unknown> =>
      inLane('v2', () => new Promise((resolve) => start((_, response) => resolve(laneOf(response?.body)))));
    const url = echo.url;
    const awaited: (() => PromiseLike<{ body: unknown }>)[] = [
      () => request('GET', url),
      () => request(url),
      () => request.get(url, { a: 1 }),
      () => request.post(url, { a: 1 }),
      () => request.del(url),
      () => new request.Request('PUT', url),
      () => request.agent().get(url),
      () => new request.agent().del(url),
      () => laneSuperagent(original.agent(), lanes).get(url),
      () => original.get(url).use((plain) => laneSuperagent(plain, lanes)),
      () =>
        original
          .agent()
          .use((plain) => laneSuperagent(plain, lanes))
          .get(url),
    ];
    for (const make of awaited) expect(laneOf((await inLane('v2', make)).body)).toEqual(V2);
    expect(await ended((done) => request('GET', url).end(done))).toEqual(V2);
    expect(await ended((done) => request('GET', url, done))).toEqual(V2);
    expect(await ended((done) => request(url, done))).toEqual(V2);
    expect(await ended((done) => request.get(url, done))).toEqual(V2);
    expect(await ended((done) => request.get(url, { a: 1 }, done))).toEqual(V2);
    expect(await ended((done) => request.agent().get(url, done))).toEqual(V2);
    const streamed = inLane('v2', () => request.post(url).set({ 'content-type': 'text/plain' }));
    streamed.write('one ');
    streamed.write('two');
    const { body } = await streamed;
    expect([(body as EchoedRequest).body, laneOf(body)]).toEqual(['one two', V2]);
  });

  test('pipe, with redirects', async () => {
    const piped = (url: string): Promise<string> =>
      inLane('v2', () => text(get(url).pipe(new PassThrough())));
    expect(laneOf(JSON.parse(await piped(via('127.0.0.1', '/end'))))).toEqual(V2);
    expect(laneOf(JSON.parse(await piped(via('127.0.0.1', at(EXTERNAL, '/end')))))).toEqual(NONE);
  });

  test('an agent keeps its cookies, including after redirects', async () => {
    const server = http.createServer(({ headers, url }, response) => {
      if (url === '/login') response.writeHead(200, { 'set-cookie': 'session=1' }).end();
      else if (url === '/redirect') response.writeHead(302, { location: '/end' }).end();
      else response.setHeader('content-type', 'application/json').end(JSON.stringify(headers));
    });
    const url = `http://127.0.0.1:${await listen(server)}`;
    const sent = async (client: AnySuperagent, path: string): Promise<Record<string, unknown>> => {
      const agent = client.agent();
      await inLane('v3', () => agent.get(`${url}/login`));
      return (await inLane('v2', () => agent.get(url + path))).body as Record<string, unknown>;
    };
    for (const path of ['/end', '/redirect']) {
      const { version, cookie } = await sent(request, path);
      // superagent 9.0 itself loses them.
      expect([version, cookie]).toEqual(['v2', (await sent(original, path)).cookie]);
    }
    await close(server);
  });

  test('egress checks the host that superagent connects to, and a Unix socket is internal', async () => {
    const plain = (url: string): AnyRequest => request.get(url);
    const overridden = await inLane('v2', () => plain(at(EXTERNAL, '/end')).connect('127.0.0.1'));
    expect(laneOf(overridden.body)).toEqual(V2);
    const folder = await mkdtemp(join(tmpdir(), 'laneway-'));
    const server = http.createServer((incoming, response) => echo.server.emit('request', incoming, response));
    await once(server.listen(join(folder, 's')), 'listening');
    const url = `http+unix://${join(folder, 's').replaceAll('/', '%2F')}/end`;
    expect(laneOf((await inLane('v2', () => plain(url))).body)).toEqual(V2);
    await close(server);
    await rm(folder, { recursive: true });
  });

  test("errors are superagent's", async () => {
    const errorOf = async (
      make: (client: AnySuperagent) => AnyRequest,
      client: AnySuperagent,
    ): Promise<unknown> => {
      const error = (await make(client).then(
        () => expect.fail('no error'),
        (reason: unknown) => reason,
      )) as Error & { code?: string; status?: number };
      return [error.constructor, error.name, error.message, error.code, error.status];
    };
    const makes: ((client: AnySuperagent) => AnyRequest)[] = [
      (client) => client.get('http://127.0.0.1:1/'),
      (client) => client.get(at('127.0.0.1', '/drop')),
      (client) => client.get(at('127.0.0.1', '/redirect?status=500')),
      (client) => client.get(at('127.0.0.1', '/slow?ms=5000')).timeout({ response: 20 }),
      (client) => client.get(at('127.0.0.1', '/slow?ms=5000')).timeout({ deadline: 20 }),
      (client) => client.get(via('127.0.0.1', '/end')).redirects(0),
      (client) => client.get(echo.url).set({ 'bad name': '1' }),
      (client) => {
        const pending = client.get(at('127.0.0.1', '/slow?ms=5000'));
        setImmediate(() => void pending.abort());
        return pending;
      },
    ];
    for (const make of makes) {
      const expected = await errorOf(make, original);
      expect(await inLane('v2', () => errorOf(make, request))).toEqual(expected);
    }
  });

  test('a request whose method a plugin has replaced carries the lane once', async () => {
    const made = inLane('v1', () => get(echo.url));
    const plugged = made as unknown as { request: () => unknown };
    const method = plugged.request.bind(made);
    plugged.request = () => method();
    const again = inLane('v2', () => laneSuperagent(made as never, lanes) as AnyRequest);
    let seen: string | undefined;
    again.on('response', () => (seen = lanes.current().name));
    expect(laneOf((await again).body)).toEqual(['v1', laneBaggage('v1')]);
    expect(seen).toBe('v1');
  });

  test('wrapping twice attaches once, superagent is not changed, and its properties are there', async () => {
    const again = laneSuperagent(request, lanes);
    expect(laneOf((await inLane('v2', () => again.get(echo.url))).body)).toEqual(V2);
    expect(laneOf((await inLane('v2', () => original.get(echo.url))).body)).toEqual(NONE);
    expect(laneOf((await inLane('v2', () => original.agent().get(echo.url))).body)).toEqual(NONE);
    expect(request.serialize).toBe(original.serialize);
    expect(request.get(echo.url)).toBeInstanceOf(request.Request);
    expect(request.get(echo.url)).toBeInstanceOf(original.Request);
  });
});

test('rejects a value that is not superagent', () => {
  expect(() => laneSuperagent(undefined as never, lanes)).toThrow(LanewayAdapterError);
  expect(() => laneSuperagent({} as never, lanes)).toThrow(/Pass the export of superagent/);
  expect(() => laneSuperagent(clients[0]!.superagent, {} as never)).toThrow(LanewayAdapterError);
});
