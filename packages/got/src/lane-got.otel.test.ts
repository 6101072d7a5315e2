import http from 'node:http';
import { createRequire } from 'node:module';
import { connect as connectSocket, type Socket } from 'node:net';
import { context, propagation } from '@opentelemetry/api';
import { CompositePropagator, W3CBaggagePropagator, W3CTraceContextPropagator } from '@opentelemetry/core';
import { HttpInstrumentation } from '@opentelemetry/instrumentation-http';
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
import { clients, connect } from './clients.contract.js';
import { laneGot } from './index.js';

const lanes = contractLanes();
const provider = new NodeTracerProvider();
const instrumentation = new HttpInstrumentation();
let echo: EchoServer;
beforeAll(async () => {
  const propagators = [new W3CTraceContextPropagator(), new W3CBaggagePropagator()];
  provider.register({ propagator: new CompositePropagator({ propagators }) });
  instrumentation.setTracerProvider(provider);
  createRequire(import.meta.url)('node:http');
  echo = await echoServer();
});
afterAll(async () => {
  await echo.close();
  instrumentation.disable();
  await provider.shutdown();
});

const inLane = <T>(name: string, fn: () => T): T => lanes.run(lanes.capture(laneHeaders(name)), fn);
const linesOf = ({ body }: { body: string }): [lane: string[], baggage: string[], traces: number] => {
  const seen = JSON.parse(body) as EchoedRequest;
  return [
    headerLines(seen, 'version'),
    headerLines(seen, 'baggage'),
    headerLines(seen, 'traceparent').length,
  ];
};
const at = (host: string, path: string): string => `http://${host}:${echo.port}${path}`;
const via = (host: string, to: string): string => at(host, `/redirect?to=${encodeURIComponent(to)}`);

describe.each(clients)('$name', ({ got: original, name }) => {
  // got 12.0 takes `request` from node:http by name, before the instrumentation is there.
  const traces = name === 'got 12.0' ? 0 : 1;
  const V2 = [['v2'], [laneBaggage('v2')], traces];
  const TRACE_ONLY = [[], [], traces];
  const { options, close } = connect();
  const got = laneGot(original, lanes).extend(options);
  afterAll(close);

  test.skipIf(traces === 0)(
    'the instrumentation is at work: by itself it writes the trace, and no lane member',
    async () => {
      const [, baggage, traced] = linesOf(await inLane('v2', () => original(echo.url, options)));
      expect([traced, baggage]).toEqual([1, []]);
    },
  );

  test('one baggage header, byte for byte, on each hop; a stranger gets the trace and nothing else', async () => {
    expect(linesOf(await inLane('v2', () => got(echo.url)))).toEqual(V2);
    expect(linesOf(await inLane('v2', () => got(via('127.0.0.1', '/end'))))).toEqual(V2);
    const stranger = at('stranger.example', '/end');
    expect(linesOf(await inLane('v2', () => got(stranger)))).toEqual(TRACE_ONLY);
    expect(linesOf(await inLane('v2', () => got(via('127.0.0.1', stranger))))).toEqual(TRACE_ONLY);
    expect(linesOf(await inLane('v2', () => got(via('stranger.example', at('127.0.0.1', '/')))))).toEqual(V2);
  });

  test("the caller's own baggage is merged, not overwritten, and goes where got takes it", async () => {
    const headers = { Baggage: 'Lane=own' };
    const merged = ['Lane=own,2=two,userId=%41lice%20%C3%BC,1=one,empty='];
    for (const url of [echo.url, via('127.0.0.1', '/end')])
      expect(linesOf(await inLane('v2', () => got(url, { headers })))[1]).toEqual(merged);
    const url = via('127.0.0.1', at('stranger.example', '/end'));
    expect(linesOf(await inLane('v2', () => got(url, { headers })))).toEqual([[], ['Lane=own'], traces]);
  });

  test('what is set by the API of OpenTelemetry leaves, and is there for the code that called', async () => {
    const seen: unknown[] = [];
    const note = (): unknown => seen.push(propagation.getActiveBaggage()?.getEntry('added')?.value);
    const response = await inLane('v2', () => {
      const baggage = propagation.getActiveBaggage()?.setEntry('added', { value: 'yes' });
      return context.with(propagation.setBaggage(context.active(), baggage!), () =>
        got(via('127.0.0.1', '/end'), { hooks: { beforeRequest: [() => void note()] } }),
      );
    });
    expect(linesOf(response)[1]?.join('|')).toMatch(/^2=two,[^|]*,added=yes$/);
    expect(seen).toEqual(['yes', 'yes']);
  });

  test('a call that fails on a connection of another lane is made again in its own, or in none', async () => {
    const open = (): Socket => inLane('opener', () => connectSocket(echo.port, '127.0.0.1'));
    const agent = Object.assign(new http.Agent({ keepAlive: true, maxSockets: 1 }), {
      createConnection: open,
    });
    const retry = { limit: 1, calculateDelay: ({ attemptCount = 1 }) => (attemptCount > 1 ? 0 : 1) };
    let attempts = 0;
    const beforeRequest = (call: { url: URL }): void => {
      call.url.pathname = attempts++ % 2 === 0 ? '/drop' : '/end';
    };
    const call = (): Promise<{ body: string }> =>
      got(echo.url, { agent: { http: agent }, retry, hooks: { beforeRequest: [beforeRequest] } });
    expect(linesOf(await inLane('v2', call))).toEqual(V2);
    expect(linesOf(await call())).toEqual(TRACE_ONLY);
    expect(attempts).toBe(4);
    agent.destroy();
  });

  test('50 lanes, strangers and redirects over one connection each: one baggage header, its own', async () => {
    const calls = Array.from({ length: 100 }, async (_, index) => {
      const lane = `v${index % 50}`;
      const foreign = index % 4 === 3;
      const end = at(foreign ? 'stranger.example' : '127.0.0.1', '/end');
      const response = await inLane(lane, async () => {
        await takeTurns(index);
        return got(index % 2 === 0 ? end : via('127.0.0.1', end));
      });
      expect(linesOf(response)).toEqual(foreign ? TRACE_ONLY : [[lane], [laneBaggage(lane)], traces]);
    });
    await Promise.all(calls);
  });
});
