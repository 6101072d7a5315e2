import { HttpInstrumentation } from '@opentelemetry/instrumentation-http';
import { UndiciInstrumentation } from '@opentelemetry/instrumentation-undici';
import { type EchoedRequest, laneBaggage, takeTurns, testUnless } from '@laneway/testing';
import type { Dispatcher } from '@laneway/undici';
import { afterAll, describe, expect, test } from 'vitest';
import { otelContract } from '../../../test/support/otel-contract.js';
import { inLaneLines, linesOf, traceOnly, useOtel } from '../../../test/support/otel.js';
import { type AnyFetch, clients } from './clients.contract.js';
import { laneFetch } from './index.js';

const otel = useOtel(new HttpInstrumentation(), new UndiciInstrumentation());
const { at, inLane, lanes } = otel;

// The instrumentation then finds no baggage.
const noContext = 'Deno' in globalThis ? 'Deno emits events of a socket in no context' : undefined;

describe.each(clients)('$name', ({ fetch: original, connect, kind, name, unseen }) => {
  const traces = unseen === undefined ? 1 : 0;
  const V2 = inLaneLines('v2', traces);
  const fetch = laneFetch(original, lanes);
  const { init, close } = connect();
  afterAll(close);
  const send = async (url: string, options: object = init): Promise<EchoedRequest> =>
    (await (await fetch(url, options)).json()) as EchoedRequest;

  otelContract(otel, {
    send: (url, headers) => send(url, { ...init, ...(headers && { headers }) }),
    sendPlain: async (url) => (await (await original(url, init)).json()) as EchoedRequest,
    unseen,
  });

  test('a call without options', async () => {
    expect(linesOf(await inLane('v2', () => send(otel.echo.url, {})))).toEqual(V2);
  });

  test('50 interleaved lanes and external hosts with bodies over one connection each: one baggage header, of the right lane', async () => {
    const calls = Array.from({ length: 200 }, async (_, index) => {
      const lane = `v${index % 50}`;
      const isExternal = index % 4 === 3;
      const seen = await inLane(lane, async () => {
        await takeTurns(index);
        return send(at(isExternal ? 'external.example' : '127.0.0.1', '/'), {
          ...init,
          method: 'POST',
          body: 'body '.repeat(index % 3 === 0 ? 20_000 : 1),
        });
      });
      expect(linesOf(seen)).toEqual(isExternal ? traceOnly(traces) : inLaneLines(lane, traces));
    });
    await Promise.all(calls);
  });

  testUnless(unseen ?? noContext)(
    'calls that Laneway does not make get no lane member from the instrumentation',
    async () => {
      const connection = connect();
      const call = async (lane: string, by: AnyFetch): Promise<readonly string[]> => {
        const response = await inLane(lane, () => by(otel.echo.url, connection.init));
        return linesOf((await response.json()) as EchoedRequest)[1];
      };
      // The other calls wait in the context of the call that opens the connection; the instrumentation finds its baggage there.
      await call('opener', original);
      const calls = Array.from({ length: 60 }, async (_, index) => {
        const lane = `v${index}`;
        if (index % 3 > 0) expect(await call(lane, fetch)).toEqual([laneBaggage(lane)]);
        else expect(await call(lane, original)).toEqual([]);
      });
      await Promise.all(calls);
      await connection.close();
    },
  );

  // undici 6.0 reads the properties of headers, not their iterator, so a copy loses the headers of an iterable.
  const interceptors = kind === 'undici' ? ['handler', ...(name === 'undici 6.0' ? [] : ['headers'])] : [];
  test.each(interceptors)('a queued call below an interceptor with new %s', async (what) => {
    const { dispatcher: pool } = init as { dispatcher: Dispatcher };
    const dispatcher: Dispatcher = {
      dispatch(options, handler) {
        const headers = { ...(options.headers as object), 'x-added': '1' };
        if (what === 'headers') return pool.dispatch({ ...options, headers }, handler);
        return pool.dispatch({ ...options }, copyHandler(handler as Record<string, unknown>));
      },
    };
    for (const [host, expected] of [
      ['127.0.0.1', V2],
      ['external.example', traceOnly(traces)],
    ] as const) {
      const url = at(host, '/');
      const opener = inLane('v3', () => original(`${url}slow?ms=5`, init));
      const waiting = inLane('v2', () => send(url, { dispatcher }));
      await (await opener).text();
      expect(linesOf(await waiting)).toEqual(expected);
    }
  });

  test('a call that waits for a connection whose response is read late, in another lane', async () => {
    const sent = new Promise<void>((done) => {
      otel.echo.server.once('request', (_, response) => void response.once('finish', done));
    });
    const reading = await inLane('v3', () =>
      fetch(otel.echo.url, { ...init, method: 'POST', body: 'x'.repeat(100_000) }),
    );
    const waiting = inLane('v2', () => send(otel.echo.url));
    await sent;
    await takeTurns(1);
    await inLane('v3', () => reading.text());
    expect(linesOf(await waiting)).toEqual(V2);
  });

  test('a call that waits for a connection whose call is aborted in another lane', async () => {
    const controller = new AbortController();
    const aborted = inLane('v3', () =>
      fetch(`${otel.echo.url}/slow?ms=5000`, { ...init, signal: controller.signal }),
    ).catch(() => 'aborted');
    const waiting = inLane('v2', () => send(otel.echo.url));
    await takeTurns(3);
    inLane('v4', () => controller.abort());
    expect(await aborted).toBe('aborted');
    expect(linesOf(await waiting)).toEqual(V2);
  });
});

// The methods of a handler for undici 6 and 7, and for undici 8.
const METHODS = [
  'onConnect',
  'onHeaders',
  'onData',
  'onComplete',
  'onError',
  'onUpgrade',
  'onBodySent',
].concat(['onRequestStart', 'onResponseStart', 'onResponseData', 'onResponseEnd', 'onResponseError']);

/** A handler that passes every event on, like the handler of a `RetryAgent`. */
function copyHandler(handler: Record<string, unknown>): object {
  const methods = METHODS.filter((method) => typeof handler[method] === 'function');
  return Object.fromEntries(
    methods.map((method) => [method, (handler[method] as () => unknown).bind(handler)]),
  );
}
