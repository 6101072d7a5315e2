import { once } from 'node:events';
import http, { type IncomingMessage } from 'node:http';
import { createRequire } from 'node:module';
import { json } from 'node:stream/consumers';
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
  loopbackLookup,
} from '@laneway/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { laneHttp } from './index.js';

// The SDK is started after the lanes were defined, and the module wrapped before it is instrumented.
const lanes = contractLanes();
const laned = laneHttp(http, lanes);
const provider = new NodeTracerProvider();
const instrumentation = new HttpInstrumentation();
const lookup = loopbackLookup;
let echo: EchoServer;
beforeAll(async () => {
  provider.register({
    propagator: new CompositePropagator({
      propagators: [new W3CTraceContextPropagator(), new W3CBaggagePropagator()],
    }),
  });
  instrumentation.setTracerProvider(provider);
  createRequire(import.meta.url)('node:http');
  echo = await echoServer();
});
afterAll(async () => {
  await echo.close();
  instrumentation.disable();
  await provider.shutdown();
});

const inLane = <T>(fn: () => T): T => lanes.run(lanes.capture(laneHeaders('v2')), fn);

async function send(url: string, options: http.RequestOptions = {}): Promise<EchoedRequest> {
  const request = inLane(() => laned.get(url, { lookup, ...options }));
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  return (await json(response)) as EchoedRequest;
}

test('the instrumentation is at work: by itself it writes the trace, and no lane member', async () => {
  const request = inLane(() => http.get(echo.url));
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  const seen = (await json(response)) as EchoedRequest;
  expect(headerLines(seen, 'traceparent')).toHaveLength(1);
  expect(headerLines(seen, 'baggage')).toEqual([]);
});

test("one baggage header, byte for byte, and the instrumentation's trace headers", async () => {
  const seen = await send(echo.url);
  expect(headerLines(seen, 'baggage')).toEqual([laneBaggage('v2')]);
  expect(headerLines(seen, 'version')).toEqual(['v2']);
  expect(headerLines(seen, 'traceparent')).toHaveLength(1);
});

test("the caller's baggage is merged, not overwritten", async () => {
  const [baggage, ...more] = headerLines(
    await send(echo.url, { headers: { Baggage: 'Lane=own' } }),
    'baggage',
  );
  expect(more).toEqual([]);
  expect(baggage).toMatch(/^Lane=own,2=two,/);
});

test('a stranger gets the trace headers, and no baggage', async () => {
  const seen = await send(`http://stranger.example:${echo.port}/`);
  expect(headerLines(seen, 'baggage')).toEqual([]);
  expect(headerLines(seen, 'version')).toEqual([]);
  expect(headerLines(seen, 'traceparent')).toHaveLength(1);
});

test("listeners have the caller's whole context: the lane, OpenTelemetry's baggage, what was added to it", async () => {
  const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
  await send(echo.url, { agent });
  const seen: string[] = [];
  const note = (what: string) => (): void => {
    const entry = propagation.getActiveBaggage()?.getEntry('added')?.value;
    seen.push(`${what} ${lanes.current().name} ${lanes.current().get('added')} ${entry}`);
  };
  const request = inLane(() => {
    const baggage = propagation.getActiveBaggage()?.setEntry('added', { value: 'yes' });
    return context.with(propagation.setBaggage(context.active(), baggage!), () =>
      laned.get(echo.url, { agent }, note('callback')),
    );
  });
  request.on('response', note('response')).on('close', note('close'));
  request.on('response', (response: IncomingMessage) => {
    response.on('data', note('data')).on('end', note('end'));
  });
  await once(request, 'close');
  expect(seen).toEqual(['callback', 'response', 'data', 'end', 'close'].map((what) => `${what} v2 yes yes`));
  agent.destroy();
});
