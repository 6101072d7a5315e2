import { once } from 'node:events';
import http, { type IncomingMessage } from 'node:http';
import { json } from 'node:stream/consumers';
import { SpanKind, trace, context } from '@opentelemetry/api';
import { type Instrumentation, registerInstrumentations } from '@opentelemetry/instrumentation';
import { NodeTracerProvider } from '@opentelemetry/sdk-trace-node';
import { type EchoedRequest, headerLines, laneBaggage, useEcho } from '@laneway/testing';
import { afterEach, expect, test } from 'vitest';
import { LaneInstrumentation, type LaneInstrumentationConfig } from './index.js';

const { lanes, echo, inLane } = useEcho();
const original = http.get;
const started: Instrumentation[] = [];
afterEach(() => {
  for (const instrumentation of started.splice(0)) instrumentation.disable();
  expect(http.get).toBe(original);
});

function start(config: LaneInstrumentationConfig = {}): Instrumentation {
  const instrumentation: Instrumentation = new LaneInstrumentation({ lanes, ...config });
  started.push(instrumentation);
  return instrumentation;
}

async function send(headers: Record<string, string> = {}): Promise<string[][]> {
  const [response] = (await once(
    inLane('v2', () => http.get(echo.url, { headers })),
    'response',
  )) as [IncomingMessage];
  const seen = (await json(response)) as EchoedRequest;
  return ['version', 'baggage'].map((name) => headerLines(seen, name));
}

const IN_LANE = [['v2'], [laneBaggage('v2')]];

test('works from its construction; registering it has no effect', async () => {
  const instrumentation = start();
  expect(await send()).toEqual(IN_LANE);
  const { get } = http;
  registerInstrumentations({ instrumentations: [instrumentation], tracerProvider: new NodeTracerProvider() });
  instrumentation.enable();
  expect(http.get).toBe(get);
  expect(await send()).toEqual(IN_LANE);
});

test('can be disabled and enabled again', async () => {
  const instrumentation = start();
  instrumentation.disable();
  instrumentation.disable();
  expect(await send()).toEqual([[], []]);
  instrumentation.enable();
  expect(await send()).toEqual(IN_LANE);
});

test('with enabled: false it starts when it is registered', async () => {
  const instrumentation = start({ enabled: false });
  expect(await send()).toEqual([[], []]);
  registerInstrumentations({ instrumentations: [instrumentation] });
  expect(await send()).toEqual(IN_LANE);
});

test('OTLP exporters call at the baseline, whatever the case of their user-agent header', async () => {
  start();
  expect(await send({ 'User-Agent': 'OTel-OTLP-Exporter-JavaScript/0.223.0' })).toEqual([[], []]);
  expect(await send({ 'user-agent': 'shop/1 OTel-OTLP-Exporter-JavaScript/0.301.0' })).toEqual([[], []]);
  expect(await send({ 'user-agent': 'shop/1' })).toEqual(IN_LANE);
});

test.each([undefined, 'lane'])('names the lane on server spans, attribute %s', async (attribute) => {
  start(attribute === undefined ? {} : { attribute });
  const provider = new NodeTracerProvider();
  const span = provider.getTracer('test').startSpan('server', { kind: SpanKind.SERVER });
  context.with(trace.setSpan(context.active(), span), () => inLane('v2', () => {}));
  expect(span).toHaveProperty('attributes', { [attribute ?? 'laneway.lane']: 'v2' });
  await provider.shutdown();
});

test('returns its name, version and configuration', () => {
  const instrumentation = start({ attribute: 'lane' });
  expect(instrumentation.instrumentationName).toBe('@laneway/opentelemetry');
  expect(instrumentation.instrumentationVersion).toMatch(/^\d+\.\d+\.\d+/);
  expect(instrumentation.getConfig()).toMatchObject({ enabled: true, attribute: 'lane' });
});

test('refuses a value that is not lanes', () => {
  expect(() => new LaneInstrumentation({ lanes: {} as never })).toThrow(/defineLanes/);
});
