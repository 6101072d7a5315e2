import { createRequire } from 'node:module';
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
import { type AnyRequest, clients, connect } from './clients.contract.js';
import { laneSuperagent } from './index.js';

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
const linesOf = ({ body }: { body: unknown }): [lane: string[], baggage: string[], traces: number] => {
  const seen = body as EchoedRequest;
  return [
    headerLines(seen, 'version'),
    headerLines(seen, 'baggage'),
    headerLines(seen, 'traceparent').length,
  ];
};
const at = (host: string, path: string): string => `http://${host}:${echo.port}${path}`;
const via = (host: string, to: string): string => at(host, `/redirect?to=${encodeURIComponent(to)}`);
const V2 = [['v2'], [laneBaggage('v2')], 1];
const TRACE_ONLY = [[], [], 1];

describe.each(clients)('$name', ({ superagent }) => {
  const request = laneSuperagent(superagent, lanes);
  const agent = connect();
  afterAll(() => agent.destroy());
  const get = (url: string): AnyRequest => request.get(url).agent(agent);

  test('the instrumentation is at work: by itself it writes the trace, and no lane member', async () => {
    const [, baggage, traces] = linesOf(
      await inLane('v2', async () => superagent.get(echo.url).agent(agent)),
    );
    expect([traces, baggage]).toEqual([1, []]);
  });

  test('one baggage header, byte for byte, on each hop; a stranger gets the trace and nothing else', async () => {
    const stranger = at('stranger.example', '/end');
    expect(linesOf(await inLane('v2', () => get(echo.url)))).toEqual(V2);
    expect(linesOf(await inLane('v2', () => get(via('127.0.0.1', '/end'))))).toEqual(V2);
    expect(linesOf(await inLane('v2', () => get(stranger)))).toEqual(TRACE_ONLY);
    expect(linesOf(await inLane('v2', () => get(via('127.0.0.1', stranger))))).toEqual(TRACE_ONLY);
    expect(linesOf(await inLane('v2', () => get(via('stranger.example', at('127.0.0.1', '/')))))).toEqual(V2);
    expect(linesOf(await get(via('127.0.0.1', '/end')))).toEqual(TRACE_ONLY);
  });

  test("the caller's own baggage is merged, not overwritten, and goes where superagent takes it", async () => {
    const headers = { Baggage: 'Lane=own' };
    const merged = ['Lane=own,2=two,userId=%41lice%20%C3%BC,1=one,empty='];
    for (const url of [echo.url, via('127.0.0.1', '/end')])
      expect(linesOf(await inLane('v2', () => get(url).set(headers)))[1]).toEqual(merged);
    const url = via('127.0.0.1', at('stranger.example', '/end'));
    expect(linesOf(await inLane('v2', () => get(url).set(headers)))).toEqual([[], ['Lane=own'], 1]);
  });

  test('what is set by the API of OpenTelemetry leaves, and is there for the code that called', async () => {
    const seen: unknown[] = [];
    const response = await inLane('v2', () => {
      const baggage = propagation.getActiveBaggage()?.setEntry('added', { value: 'yes' });
      return context.with(propagation.setBaggage(context.active(), baggage!), () =>
        get(via('127.0.0.1', '/end')).use((pending) => {
          for (const event of ['redirect', 'response', 'end'])
            pending.on(event, () => seen.push(propagation.getActiveBaggage()?.getEntry('added')?.value));
        }),
      );
    });
    expect(linesOf(response)[1]?.join('|')).toMatch(/^2=two,[^|]*,added=yes$/);
    expect(seen).toEqual(['yes', 'yes', 'yes']);
  });

  test('50 lanes, strangers and redirects over one connection each: one baggage header, its own', async () => {
    const calls = Array.from({ length: 100 }, async (_, index) => {
      const lane = `v${index % 50}`;
      const foreign = index % 4 === 3;
      const end = at(foreign ? 'stranger.example' : '127.0.0.1', '/end');
      const response = await inLane(lane, async () => {
        await takeTurns(index);
        return get(index % 2 === 0 ? end : via('127.0.0.1', end));
      });
      expect(linesOf(response)).toEqual(foreign ? TRACE_ONLY : [[lane], [laneBaggage(lane)], 1]);
    });
    await Promise.all(calls);
  });
});
