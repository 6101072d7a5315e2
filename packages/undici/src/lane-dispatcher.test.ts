import { once } from 'node:events';
import { contractLanes, type EchoedRequest, headerLines, laneBaggage, useEcho } from '@laneway/testing';
import type { Dispatcher } from 'undici';
import { afterEach, describe, expect, test } from 'vitest';
import { laneFetch } from '../../fetch/src/index.js';
import { laneDispatcher, laneInterceptor } from './index.js';
import { CONNECT, echoRequest, V2, linesOf, NONE, undicis } from './undici.contract.js';

const { lanes, echo, inLane } = useEcho();

describe.each(undicis)('%s', (version, undici) => {
  const { Agent, Pool } = undici;
  const opened: Dispatcher[] = [];
  const open = <D extends Dispatcher>(dispatcher: D): D => {
    opened.push(dispatcher);
    return laneDispatcher(dispatcher, lanes);
  };
  afterEach(async () => {
    await Promise.all(opened.splice(0).map((dispatcher) => dispatcher.destroy()));
  });
  const send = (dispatcher: Dispatcher, url = echo.url, options = {}): Promise<EchoedRequest> =>
    echoRequest(dispatcher, url, options);

  test('works like the original in everything but dispatch', async () => {
    const agent = new Agent();
    const dispatcher = open(agent);
    expect(dispatcher).toBeInstanceOf(Agent);
    expect(dispatcher).toBeInstanceOf(undici.Dispatcher);
    expect(dispatcher.constructor).toBe(Agent);
    expect(laneDispatcher(dispatcher, lanes)).toBe(dispatcher);
    const connected = once(agent, 'connect');
    let events = 0;
    expect(dispatcher.on('connect', () => void events++)).toBe(dispatcher);
    await send(dispatcher);
    await connected;
    expect(events).toBe(1);
    expect([dispatcher.closed, dispatcher.destroyed]).toEqual([false, false]);
    await dispatcher.close();
    expect([agent.closed, dispatcher.destroyed]).toEqual([true, true]);
    const error = await send(dispatcher).catch(String);
    expect(error).toContain('ClientDestroyedError');
  });

  test('rejects a value that is not a dispatcher, and lanes that are not lanes', () => {
    expect(() => laneDispatcher({} as never, lanes)).toThrow(
      'laneDispatcher received an object, not a dispatcher of undici. Pass new Agent(), ',
    );
    expect(() => laneDispatcher(new Agent(), {} as never)).toThrow(
      'laneDispatcher received an object, not lanes',
    );
  });

  test("errors of handlers and of undici are the original's", () => {
    const plain = new Agent();
    const wrapped = open(plain);
    for (const args of [
      [undefined, {}],
      [{ path: '/', method: 'GET', origin: echo.url }, undefined],
      [{ path: '/', method: 'GET', origin: echo.url }, {}],
      [{}, { onError: () => {} }],
    ] as unknown as Parameters<Dispatcher['dispatch']>[]) {
      const errorOf = (dispatcher: Dispatcher): string => {
        try {
          dispatcher.dispatch(...args);
          return 'none';
        } catch (error) {
          return String(error);
        }
      };
      expect(errorOf(wrapped)).toBe(errorOf(plain));
    }
  });

  // undici 6.0 accepts only a record and a flat array.
  const shapes: [string, () => unknown][] = [
    ['a record', () => ({ Baggage: 'own=1', 'x-own': ['1', '2'], 'x-none': undefined })],
    ['a flat array', () => ['Baggage', 'own=1', 'x-own', '1', 'x-own', '2']],
    [
      'Headers',
      () =>
        new Headers([
          ['Baggage', 'own=1'],
          ['x-own', '1'],
          ['x-own', '2'],
        ]),
    ],
    [
      'a Map',
      () =>
        new Map<string, unknown>([
          ['Baggage', 'own=1'],
          ['x-own', ['1', '2']],
        ]),
    ],
    [
      'a generator',
      () =>
        [
          ['Baggage', 'own=1'],
          ['x-own', '1'],
          ['x-own', '2'],
        ].values(),
    ],
  ];
  test.each(shapes.slice(0, version === 'undici 6.0' ? 2 : undefined))('headers as %s', async (_, make) => {
    const agent = open(new Agent());
    const merged = `own=1,${laneBaggage('v2').replace(' , ', ',')}`;
    const seen = await inLane('v2', () => send(agent, echo.url, { headers: make() }));
    expect(linesOf(seen)).toEqual([['v2'], [merged]]);
    const plain = await send(undici.getGlobalDispatcher(), echo.url, { headers: make() });
    expect(String(headerLines(seen, 'x-own'))).toBe(String(headerLines(plain, 'x-own')));
    expect(linesOf(await send(agent, echo.url, { headers: make() }))).toEqual([[], ['own=1']]);
  });

  test('no headers, and frozen options that are used twice', async () => {
    const agent = open(new Agent());
    const { origin } = new URL(echo.url);
    const options = Object.freeze({ origin, path: '/', method: 'GET', headers: null } as const);
    const read = async (): Promise<EchoedRequest> =>
      (await (await agent.request(options)).body.json()) as EchoedRequest;
    expect(linesOf(await inLane('v2', read))).toEqual(V2);
    expect(linesOf(await read())).toEqual(NONE);
    expect(linesOf(await inLane('v3', read))[0]).toEqual(['v3']);
  });

  test('undici appends the query to the path', async () => {
    const agent = open(new Agent());
    const seen = await inLane('v2', () => send(agent, echo.url, { query: { a: 1 } }));
    expect([seen.path, linesOf(seen)]).toEqual(['/?a=1', V2]);
  });

  test('as the global dispatcher: fetch, request, and laneFetch through it', async () => {
    const before = undici.getGlobalDispatcher();
    const dispatcher = open(new Agent({ connect: CONNECT }));
    undici.setGlobalDispatcher(dispatcher);
    try {
      const external = encodeURIComponent(`http://external.example:${echo.port}/`);
      for (const fetch of [undici.fetch, laneFetch(undici.fetch, lanes)]) {
        const read = async (url: string): Promise<EchoedRequest> =>
          (await (await fetch(url)).json()) as EchoedRequest;
        expect(linesOf(await inLane('v2', () => read(echo.url)))).toEqual(V2);
        expect(linesOf(await inLane('v2', () => read(`${echo.url}/redirect?to=/end`)))).toEqual(V2);
        expect(linesOf(await inLane('v2', () => read(`${echo.url}/redirect?to=${external}`)))).toEqual(NONE);
        expect(linesOf(await read(echo.url))).toEqual(NONE);
      }
      const { body } = await inLane('v2', () => undici.request(echo.url));
      expect(linesOf((await body.json()) as EchoedRequest)).toEqual(V2);
    } finally {
      undici.setGlobalDispatcher(before);
    }
  });

  test('body listeners and handlers run in the lane of the call', async () => {
    const agent = open(new Pool(echo.url, { connections: 1 }));
    const readIn = (name: string): Promise<unknown> =>
      inLane(name, async () => {
        const { body } = await agent.request({ path: '/', method: 'POST', body: 'x'.repeat(100_000) });
        return new Promise((done) => {
          const seen = new Set<unknown>();
          body.on('data', () => seen.add(lanes.current().name));
          body.on('end', () => done([...seen.add(lanes.current().name)]));
        });
      });
    expect(await Promise.all(['v1', 'v2', 'v3'].map(readIn))).toEqual([['v1'], ['v2'], ['v3']]);
  });

  test('calls that wait in a pool behind another lane: in a lane, at the baseline, aborted, timed out, nested', async () => {
    const pool = open(new Pool(echo.url, { connections: 1 }));
    // Two wrappers and an interceptor on one dispatcher attach the lane once.
    const twice = laneDispatcher(
      version === 'undici 6.0' ? pool : pool.compose(laneInterceptor(lanes)),
      contractLanes(),
    );
    const controller = new AbortController();
    const opener = inLane('v9', () => send(pool, `${echo.url}/slow?ms=20`));
    const aborted = inLane('v8', () => send(pool, echo.url, { signal: controller.signal })).catch(
      () => 'gone',
    );
    const timedOut = inLane('v7', () =>
      send(pool, `${echo.url}/slow?ms=5000`, { headersTimeout: 30 }).catch((error: Error) => error.name),
    );
    const waiting = Array.from({ length: 50 }, (_, index) => {
      const dispatcher = index % 2 === 0 ? pool : twice;
      const lane = index % 5 === 4 ? undefined : `v${index}`;
      const seen = lane === undefined ? send(dispatcher) : inLane(lane, () => send(dispatcher));
      return seen.then((request) =>
        expect(linesOf(request)).toEqual(lane === undefined ? NONE : [[lane], [laneBaggage(lane)]]),
      );
    });
    inLane('v6', () => controller.abort());
    expect(headerLines(await opener, 'version')).toEqual(['v9']);
    expect(await aborted).toBe('gone');
    expect(await timedOut).toBe('HeadersTimeoutError');
    await Promise.all(waiting);
  });
});
