import { createRequire } from 'node:module';
import { context, propagation } from '@opentelemetry/api';
import { CompositePropagator, W3CBaggagePropagator, W3CTraceContextPropagator } from '@opentelemetry/core';
import { HttpInstrumentation } from '@opentelemetry/instrumentation-http';
import { UndiciInstrumentation } from '@opentelemetry/instrumentation-undici';
import { NodeTracerProvider } from '@opentelemetry/sdk-trace-node';
import {
  contractLanes,
  type EchoedRequest,
  type EchoServer,
  echoServer,
  headerLines,
  laneBaggage,
  laneHeaders,
  takeTurns,
} from '@laneway/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type AnyFetch, clients } from './clients.contract.js';
import { laneFetch } from './index.js';
import type { Dispatcher } from '@laneway/undici';
import { testUnless } from '@laneway/testing';

const lanes = contractLanes();
const provider = new NodeTracerProvider();
const instrumentations = [new HttpInstrumentation(), new UndiciInstrumentation()];
let echo: EchoServer;
beforeAll(async () => {
  provider.register({
    propagator: new CompositePropagator({
      propagators: [new W3CTraceContextPropagator(), new W3CBaggagePropagator()],
    }),
  });
  for (const instrumentation of instrumentations) instrumentation.setTracerProvider(provider);
  createRequire(import.meta.url)('node:http');
  echo = await echoServer();
});
afterAll(async () => {
  await echo.close();
  for (const instrumentation of instrumentations) instrumentation.disable();
  await provider.shutdown();
});

const inLane = <T>(name: string, fn: () => T): T => lanes.run(lanes.capture(laneHeaders(name)), fn);
const linesOf = (seen: EchoedRequest): [lane: string[], baggage: string[], traces: number] => [
  headerLines(seen, 'version'),
  headerLines(seen, 'baggage'),
  headerLines(seen, 'traceparent').length,
];

// Deno's sockets run in no context at all, so that what waits for one is without the one that the instrumentation would look at.
const noContext = 'Deno' in globalThis ? 'events of a socket have no context here' : undefined;

describe.each(clients)('$name', ({ fetch: original, connect, kind, name, unseen }) => {
  const traced = unseen === undefined ? 1 : 0;
  const fetch = laneFetch(original, lanes);
  const { init, close } = connect();
  afterAll(close);
  const send = async (url: string, options: object = init): Promise<EchoedRequest> =>
    (await (await fetch(url, options)).json()) as EchoedRequest;

  testUnless(unseen)(
    'the instrumentation is at work: by itself it writes the trace, and no lane member',
    async () => {
      const seen = await inLane('v2', async () => (await original(echo.url, init)).json());
      const [, baggage, traces] = linesOf(seen as EchoedRequest);
      expect([traces, baggage]).toEqual([1, []]);
    },
  );

  test('one baggage header, byte for byte, and the trace headers of the instrumentation', async () => {
    const expected = [['v2'], [laneBaggage('v2')], traced];
    expect(linesOf(await inLane('v2', () => send(echo.url)))).toEqual(expected);
    expect(linesOf(await inLane('v2', () => send(echo.url, {})))).toEqual(expected);
    expect(linesOf(await inLane('v2', () => send(`${echo.url}/redirect?to=/end`)))).toEqual(expected);
  });

  test("the caller's own baggage is merged, not overwritten", async () => {
    const options = { ...init, headers: { Baggage: 'Lane=own' } };
    const [, baggage] = linesOf(await inLane('v2', () => send(echo.url, options)));
    expect(baggage).toEqual(['Lane=own,2=two,userId=%41lice%20%C3%BC,1=one,empty=']);
  });

  test('a stranger gets the trace headers and nothing else, by a redirect too', async () => {
    const stranger = `http://stranger.example:${echo.port}/`;
    expect(linesOf(await inLane('v2', () => send(stranger)))).toEqual([[], [], traced]);
    const redirect = `${echo.url}/redirect?to=${encodeURIComponent(stranger)}`;
    expect(linesOf(await inLane('v2', () => send(redirect)))).toEqual([[], [], traced]);
  });

  test('what was added by the API of OpenTelemetry leaves, and is there after the call', async () => {
    const seen = await inLane('v2', () => {
      const baggage = propagation.createBaggage({ added: { value: 'yes' } });
      return context.with(propagation.setBaggage(context.active(), baggage), async () => {
        const answer = await send(echo.url);
        expect(propagation.getActiveBaggage()?.getEntry('added')?.value).toBe('yes');
        return answer;
      });
    });
    expect(headerLines(seen, 'baggage').join('|')).toMatch(/^2=two,[^|]*added=yes$/);
  });

  test('50 interleaved lanes and strangers over one connection each: one baggage header, its own', async () => {
    const calls = Array.from({ length: 200 }, async (_, index) => {
      const lane = `v${index % 50}`;
      const foreign = index % 4 === 3;
      const host = foreign ? 'stranger.example' : '127.0.0.1';
      const seen = await inLane(lane, async () => {
        await takeTurns(index);
        return send(`http://${host}:${echo.port}/`, {
          ...init,
          method: 'POST',
          body: 'body '.repeat(index % 3 === 0 ? 20_000 : 1),
        });
      });
      expect(linesOf(seen)).toEqual(foreign ? [[], [], traced] : [[lane], [laneBaggage(lane)], traced]);
    });
    await Promise.all(calls);
  });

  testUnless(unseen ?? noContext)(
    'calls that Laneway does not make get no lane member from the instrumentation',
    async () => {
      const own = connect();
      const call = async (lane: string, by: AnyFetch): Promise<string[]> => {
        const response = await inLane(lane, () => by(echo.url, own.init));
        return headerLines((await response.json()) as EchoedRequest, 'baggage');
      };
      // Whoever opens the connection: in its context the others wait, where the instrumentation finds a baggage.
      await call('opener', original);
      const calls = Array.from({ length: 60 }, async (_, index) => {
        const lane = `v${index}`;
        if (index % 3 > 0) expect(await call(lane, fetch)).toEqual([laneBaggage(lane)]);
        else expect(await call(lane, original)).toEqual([]);
      });
      await Promise.all(calls);
      await own.close();
    },
  );

  // undici 6.0 reads the names of headers and no iterator: in a copy it does not know ours.
  const interceptors = kind === 'undici' ? ['handler', ...(name === 'undici 6.0' ? [] : ['headers'])] : [];
  test.each(interceptors)('a call that waits below an interceptor with %s of its own', async (what) => {
    const { dispatcher: pool } = init as { dispatcher: Dispatcher };
    const dispatcher: Dispatcher = {
      dispatch(options, handler) {
        const headers = { ...(options.headers as object), 'x-added': '1' };
        if (what === 'headers') return pool.dispatch({ ...options, headers }, handler);
        return pool.dispatch({ ...options }, copyHandler(handler as Record<string, unknown>));
      },
    };
    for (const [host, expected] of [
      ['127.0.0.1', [['v2'], [laneBaggage('v2')], traced]],
      ['stranger.example', [[], [], traced]],
    ] as const) {
      const url = `http://${host}:${echo.port}/`;
      const opener = inLane('v3', () => original(`${url}slow?ms=5`, init));
      const waiting = inLane('v2', () => send(url, { dispatcher }));
      await (await opener).text();
      expect(linesOf(await waiting)).toEqual(expected);
    }
  });

  test('a call that waits for a connection of one whose reader, in another lane, takes its time', async () => {
    const sent = new Promise<void>((done) => {
      echo.server.once('request', (_, response) => void response.once('finish', done));
    });
    const reading = await inLane('v3', () =>
      fetch(echo.url, { ...init, method: 'POST', body: 'x'.repeat(100_000) }),
    );
    const waiting = inLane('v2', () => send(echo.url));
    await sent;
    await takeTurns(1);
    await inLane('v3', () => reading.text());
    expect(linesOf(await waiting)).toEqual([['v2'], [laneBaggage('v2')], traced]);
  });

  test('a call that waits for a connection of one that is aborted in another lane', async () => {
    const controller = new AbortController();
    const aborted = inLane('v3', () =>
      fetch(`${echo.url}/slow?ms=5000`, { ...init, signal: controller.signal }),
    ).catch(() => 'aborted');
    const waiting = inLane('v2', () => send(echo.url));
    await takeTurns(3);
    inLane('v4', () => controller.abort());
    expect(await aborted).toBe('aborted');
    expect(linesOf(await waiting)).toEqual([['v2'], [laneBaggage('v2')], traced]);
  });
});

// Of a handler in the style of undici 6 and 7, and in that of 8.
const METHODS = [
  'onConnect',
  'onHeaders',
  'onData',
  'onComplete',
  'onError',
  'onUpgrade',
  'onBodySent',
].concat(['onRequestStart', 'onResponseStart', 'onResponseData', 'onResponseEnd', 'onResponseError']);

/** A handler that hands on to another, as that of a `RetryAgent` does. */
function copyHandler(handler: Record<string, unknown>): object {
  const methods = METHODS.filter((method) => typeof handler[method] === 'function');
  return Object.fromEntries(
    methods.map((method) => [method, (handler[method] as () => unknown).bind(handler)]),
  );
}
