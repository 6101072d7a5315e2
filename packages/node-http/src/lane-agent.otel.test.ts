import { once } from 'node:events';
import http, { type IncomingMessage } from 'node:http';
import { createRequire } from 'node:module';
import { json } from 'node:stream/consumers';
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
  loopbackLookup,
} from '@laneway/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { callAgent } from './index.js';

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

/** What leaves of a request that is made in lane v3, late, with the agent of a call in v2, or in none. */
async function send(
  lane: string,
  headers: Record<string, string> = {},
  host = '127.0.0.1',
): Promise<unknown[]> {
  const own = new http.Agent({ lookup: loopbackLookup });
  const from = lane === 'baseline' ? lanes.capture({}) : lanes.capture(laneHeaders(lane));
  const call = { lanes, lane: from, baggage: headers.baggage };
  const agent = lanes.run(from, () => callAgent(own, http, call)) as http.Agent;
  const request = lanes.run(lanes.capture(laneHeaders('v3')), () =>
    http.get(`http://${host}:${echo.port}/`, { agent, headers }),
  );
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  const seen = (await json(response)) as EchoedRequest;
  return ['version', 'baggage', 'traceparent']
    .map((name) => headerLines(seen, name))
    .map((lines, index) => (index === 2 ? lines.length : lines.join('|')));
}

test('what the instrumentation writes from the context of somebody else is taken back', async () => {
  expect(await send('v2')).toEqual(['v2', laneBaggage('v2'), 1]);
  expect(await send('baseline')).toEqual(['', '', 1]);
  expect(await send('v2', {}, 'stranger.example')).toEqual(['', '', 1]);
});

test('what the caller had set, and the instrumentation overwrote, is put back', async () => {
  expect(await send('baseline', { baggage: 'own=1' })).toEqual(['', 'own=1', 1]);
  expect(await send('v2', { baggage: 'own=1' }, 'stranger.example')).toEqual(['', 'own=1', 1]);
  const merged = 'own=1,2=two,Lane=v2;p1 = x;flag,userId=%41lice%20%C3%BC,1=one,empty=';
  expect(await send('v2', { baggage: 'own=1' })).toEqual(['v2', merged, 1]);
});
