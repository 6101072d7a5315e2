import { type Context, context, propagation, type Span, SpanKind, trace } from '@opentelemetry/api';
import { RPCType, setRPCMetadata } from '@opentelemetry/core';
import {
  AlwaysOffSampler,
  InMemorySpanExporter,
  type Sampler,
  SimpleSpanProcessor,
  type SpanProcessor,
} from '@opentelemetry/sdk-trace-base';
import { NodeTracerProvider } from '@opentelemetry/sdk-trace-node';
import { contractLanes, laneHeaders } from '@laneway/testing';
import { afterEach, expect, test } from 'vitest';
import { LaneSpanProcessor, type LaneSpanProcessorOptions } from './index.js';

const lanes = contractLanes();
const providers: NodeTracerProvider[] = [];
afterEach(async () => {
  for (const provider of providers.splice(0)) await provider.shutdown();
});

/** Starts an SDK. `laneOf` ends a span and returns the lane that was recorded on it. */
function start(options: LaneSpanProcessorOptions = { lanes }, sampler?: Sampler) {
  const exporter = new InMemorySpanExporter();
  const spanProcessors: SpanProcessor[] = [new LaneSpanProcessor(options), new SimpleSpanProcessor(exporter)];
  const provider = new NodeTracerProvider({ spanProcessors, ...(sampler && { sampler }) });
  providers.push(provider);
  const tracer = provider.getTracer('test');
  const laneOf = (span: Span, attribute = options.attribute ?? 'laneway.lane'): unknown => {
    span.end();
    return exporter.getFinishedSpans().at(-1)?.attributes[attribute];
  };
  return { exporter, provider, tracer, laneOf };
}

const inLane = <T>(fn: () => T): T => lanes.run(lanes.capture(laneHeaders('v2')), fn);
const withSpan = (span: Span): Context => trace.setSpan(context.active(), span);

test('a span that starts in a lane names it', () => {
  const { tracer, laneOf } = start();
  expect(laneOf(inLane(() => tracer.startSpan('client', { kind: SpanKind.CLIENT })))).toBe('v2');
  expect(laneOf(tracer.startSpan('baseline'))).toBeUndefined();
});

test('the lane is that of the context that the span starts from', () => {
  const { tracer, laneOf } = start();
  const from = inLane(() => context.active());
  expect(laneOf(tracer.startSpan('inner', {}, from))).toBe('v2');
  const changed = propagation.setBaggage(from, propagation.createBaggage({ other: { value: '1' } }));
  expect(laneOf(tracer.startSpan('inner', {}, changed))).toBe('v2');
});

test('a lane captured inside a server span is written on that span', () => {
  const { tracer, laneOf } = start();
  const server = tracer.startSpan('server', { kind: SpanKind.SERVER });
  context.with(withSpan(server), () => inLane(() => {}));
  expect(laneOf(server)).toBe('v2');
});

test("a lane captured inside a middleware's span is written on that span and on the server span", () => {
  const { tracer, laneOf } = start();
  const server = tracer.startSpan('server', { kind: SpanKind.SERVER });
  const middleware = tracer.startSpan('middleware');
  const metadata = { type: RPCType.HTTP as const, span: server };
  context.with(setRPCMetadata(withSpan(middleware), metadata), () => inLane(() => {}));
  expect([laneOf(middleware), laneOf(server)]).toEqual(['v2', 'v2']);
});

test('a span around many requests gets no lane', () => {
  const { tracer, laneOf } = start();
  const loop = tracer.startSpan('loop', { kind: SpanKind.CONSUMER });
  context.with(withSpan(loop), () => inLane(() => {}));
  expect(laneOf(loop)).toBeUndefined();
});

test('the option attribute sets the name of the attribute', () => {
  const { tracer, laneOf } = start({ lanes, attribute: 'lane' });
  const span = inLane(() => tracer.startSpan('client'));
  expect([laneOf(span), laneOf(span, 'laneway.lane')]).toEqual(['v2', undefined]);
});

test('a span that is not recorded gets no attribute', () => {
  const { tracer } = start({ lanes }, new AlwaysOffSampler());
  const span = inLane(() => tracer.startSpan('server', { kind: SpanKind.SERVER }));
  span.setAttribute = () => expect.fail('was written to');
  context.with(withSpan(span), () => inLane(() => {}));
});

test('after shutdown no span gets an attribute', async () => {
  const { provider } = start();
  await provider.shutdown();
  const other = new NodeTracerProvider().getTracer('other').startSpan('server', { kind: SpanKind.SERVER });
  other.setAttribute = () => expect.fail('was written to');
  context.with(withSpan(other), () => inLane(() => {}));
});
