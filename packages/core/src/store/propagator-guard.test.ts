import { context, propagation, ROOT_CONTEXT, type TextMapPropagator, trace } from '@opentelemetry/api';
import { CompositePropagator, W3CBaggagePropagator, W3CTraceContextPropagator } from '@opentelemetry/core';
import { afterEach, describe, expect, test } from 'vitest';
import { BASELINE, defineLanes, dropChannel, type LanePolicy, whileAttached } from '../index.js';

afterEach(() => propagation.disable());

const policy: LanePolicy = { key: 'lane', carry: { headers: ['lane'], baggage: ['*'] } };
const partial: LanePolicy = { key: 'lane', carry: { baggage: ['lane', 'lane-*'] } };
const w3c = (): TextMapPropagator =>
  new CompositePropagator({ propagators: [new W3CTraceContextPropagator(), new W3CBaggagePropagator()] });
const register = (propagator: TextMapPropagator): boolean => propagation.setGlobalPropagator(propagator);
const LANE = { baggage: 'lane=v2,lane-a=1,user=alice' };

const inject = (carrier: Record<string, unknown> = {}): Record<string, unknown> => {
  propagation.inject(context.active(), carrier);
  return carrier;
};
const collectDrops = (fn: () => unknown): unknown[] => {
  const drops: unknown[] = [];
  const collect = (message: unknown): void => void drops.push(message);
  dropChannel.subscribe(collect);
  fn();
  dropChannel.unsubscribe(collect);
  return drops;
};
const withOther = <T>(fn: () => T): T => {
  const active = context.active();
  const baggage = propagation.getBaggage(active) ?? propagation.createBaggage();
  return context.with(propagation.setBaggage(active, baggage.setEntry('other', { value: '1' })), fn);
};

describe('the propagator writes no lane member', () => {
  test('of an SDK that started before the lanes, after them, or in place of another one', () => {
    register(w3c());
    const lanes = defineLanes(policy);
    const send = (): unknown => lanes.run(lanes.capture(LANE), inject);
    expect(send()).toEqual({});
    propagation.disable();
    expect(send()).toEqual({});
    register(w3c());
    expect(send()).toEqual({});
    propagation.disable();
    register(w3c());
    expect(send()).toEqual({});
  });

  test('in a lane that was entered before the SDK started, once a call has been attached to', () => {
    const lanes = defineLanes(policy);
    lanes.run(lanes.capture(LANE), () => {
      register(w3c());
      lanes.attach({}, { to: 'localhost' });
      expect(inject()).toEqual({});
    });
  });

  test('of a propagator that cannot be changed', () => {
    register(Object.freeze(w3c()));
    const lanes = defineLanes(policy);
    expect(lanes.run(lanes.capture(LANE), inject)).toEqual({});
  });

  test('of a propagator of another format', () => {
    register({
      inject(from, carrier, setter) {
        for (const [key, { value }] of propagation.getBaggage(from)?.getAllEntries() ?? [])
          setter.set(carrier, `uberctx-${key}`, value);
      },
      extract: (into) => into,
      fields: () => [],
    });
    const lanes = defineLanes(partial);
    expect(lanes.run(lanes.capture(LANE), () => withOther(inject))).toEqual({ 'uberctx-other': '1' });
  });
});

describe('what is not the lane’s is written as before', () => {
  test('traces, and the members that a policy does not carry', () => {
    register(w3c());
    const lanes = defineLanes(partial);
    const span = trace.wrapSpanContext({ traceId: '1'.repeat(32), spanId: '2'.repeat(16), traceFlags: 1 });
    const written = context.with(trace.setSpan(ROOT_CONTEXT, span), () =>
      lanes.run(lanes.capture(LANE), () => withOther(inject)),
    );
    expect(written).toEqual({
      traceparent: `00-${'1'.repeat(32)}-${'2'.repeat(16)}-01`,
      baggage: 'other=1',
    });
  });

  test('all baggage outside a lane, except the members that name one', () => {
    register(w3c());
    const lanes = defineLanes(policy);
    expect(lanes.baseline(() => withOther(inject))).toEqual({ baggage: 'other=1' });
    const named = propagation.createBaggage({ lane: { value: 'v2' }, other: { value: '1' } });
    expect(context.with(propagation.setBaggage(ROOT_CONTEXT, named), inject)).toEqual({ baggage: 'other=1' });
  });

  test('everything with propagatorSends', () => {
    register(w3c());
    const lanes = defineLanes({ ...policy, propagatorSends: true });
    expect(lanes.run(lanes.capture(LANE), inject)).toEqual({ baggage: LANE.baggage });
  });
});

describe('one header', () => {
  test('a baggage header that is there is not written over', () => {
    register(w3c());
    const lanes = defineLanes(partial);
    const written = lanes.run(lanes.capture(LANE), () => withOther(() => inject({ Baggage: 'own=1' })));
    expect(written).toEqual({ Baggage: 'own=1' });
  });

  test('none is written during a call that Laneway has attached to', () => {
    register(w3c());
    const lanes = defineLanes(partial);
    const send = (): unknown => lanes.run(lanes.capture(LANE), () => withOther(inject));
    expect(whileAttached(send)).toEqual({});
    expect(() => whileAttached(() => expect.fail('on purpose'))).toThrow('on purpose');
    expect(send()).toEqual({ baggage: 'other=1' });
  });
});

describe('what is not written is reported', () => {
  test.each([
    ['a span that tells its instrumentation', { instrumentationScope: { name: 'kafkajs' } }, 'kafkajs'],
    ['one of an earlier SDK', { instrumentationLibrary: { name: 'kafkajs' } }, 'kafkajs'],
    ['one that does not', {}, undefined],
  ])('%s', (_, fields, instrumentation) => {
    register(w3c());
    const lanes = defineLanes(policy);
    const span = Object.assign(trace.wrapSpanContext({ traceId: '', spanId: '', traceFlags: 0 }), fields);
    const drops = collectDrops(() =>
      lanes.run(lanes.capture(LANE), () => context.with(trace.setSpan(context.active(), span), inject)),
    );
    const drop = { reason: 'propagator', direction: 'attach', header: 'baggage' };
    expect(drops).toEqual([instrumentation === undefined ? drop : { ...drop, instrumentation }]);
  });

  test('but for HTTP, which Laneway attaches to, and where there is nothing to write', () => {
    register(w3c());
    const lanes = defineLanes(policy);
    const span = Object.assign(trace.wrapSpanContext({ traceId: '', spanId: '', traceFlags: 0 }), {
      instrumentationScope: { name: '@opentelemetry/instrumentation-http' },
    });
    const drops = collectDrops(() => {
      lanes.run(lanes.capture(LANE), () => context.with(trace.setSpan(context.active(), span), inject));
      lanes.run(lanes.capture({ lane: 'v2' }), inject);
      lanes.run(BASELINE, inject);
    });
    expect(drops).toEqual([]);
  });
});

test('baggage stays visible in OpenTelemetry’s context', () => {
  register(w3c());
  const lanes = defineLanes(policy);
  const seen = lanes.run(lanes.capture(LANE), () => propagation.getActiveBaggage()?.getEntry('user')?.value);
  expect(seen).toBe('alice');
});
