import { setImmediate as turn } from 'node:timers/promises';
import { propagation, type TextMapPropagator } from '@opentelemetry/api';
import { CompositePropagator, W3CBaggagePropagator, W3CTraceContextPropagator } from '@opentelemetry/core';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { defineLanes, type LanePolicy, withoutOtelBaggage } from '../index.js';

const SLOT = Symbol.for('laneway.propagator-warning.1');
const emit = vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
beforeEach(() => {
  Reflect.deleteProperty(globalThis, SLOT);
  emit.mockClear();
});
afterEach(() => propagation.disable());

const w3c = (): TextMapPropagator =>
  new CompositePropagator({ propagators: [new W3CTraceContextPropagator(), new W3CBaggagePropagator()] });
const propagator = (inject: TextMapPropagator['inject']): TextMapPropagator => ({
  inject,
  extract: (into) => into,
  fields: () => [],
});
const lane = { lane: 'v2' };
const define = (policy: LanePolicy = { key: 'lane', carry: { headers: ['lane'], baggage: ['*'] } }) =>
  defineLanes(policy);

describe('the warning', () => {
  test('at start-up, when the SDK was there first', async () => {
    propagation.setGlobalPropagator(w3c());
    define();
    define();
    await turn();
    expect(emit).toHaveBeenCalledTimes(1);
    const [message, options] = emit.mock.calls[0] as unknown as [string, { code: string }];
    expect(options).toEqual({ type: 'LanewayWarning', code: 'LANEWAY_OTEL_PROPAGATOR' });
    expect(message).toMatch(/new NodeSDK\(\{ textMapPropagator: new LanePropagator\(\{ lanes \}\) \}\)\.$/);
  });

  test('at start-up, when the SDK comes after', async () => {
    define();
    propagation.setGlobalPropagator(w3c());
    expect(emit).not.toHaveBeenCalled();
    await turn();
    expect(emit).toHaveBeenCalledTimes(1);
  });

  test.each([0, 1, 2, 3, 100])('an SDK that starts after %i lanes, soon after', async (before) => {
    const lanes = define();
    await turn();
    for (let i = 0; i < before; i++) lanes.run(lanes.capture(lane), () => {});
    propagation.setGlobalPropagator(w3c());
    for (let i = 0; i <= before; i++) lanes.run(lanes.capture(lane), () => {});
    expect(emit).toHaveBeenCalledTimes(1);
  });

  test.each<[string, TextMapPropagator | undefined, LanePolicy?]>([
    ['no SDK', undefined],
    ['one that writes traces only', new W3CTraceContextPropagator()],
    ['one that throws', propagator(() => expect.fail('on purpose'))],
    ['one that writes other members', new W3CBaggagePropagator(), { carry: { headers: ['x-lane'] } }],
  ])('none with %s', async (_, active, policy) => {
    if (active !== undefined) propagation.setGlobalPropagator(active);
    const lanes = define(policy);
    await turn();
    lanes.run(lanes.capture({ lane: 'v2', 'x-lane': 'v2' }), () => {});
    expect(emit).not.toHaveBeenCalled();
  });

  test.each(['lane', 'lane-*', '*-lane'])('a propagator that is asked for a member: %s', async (rule) => {
    propagation.setGlobalPropagator(
      // As that of Jaeger: a header for each member.
      propagator((from, carrier, setter) => {
        for (const [key, { value }] of propagation.getBaggage(from)?.getAllEntries() ?? [])
          setter.set(carrier, `uberctx-${key}`, value);
      }),
    );
    define({ key: 'x-lane', carry: { headers: ['x-lane'], baggage: [rule] } });
    await turn();
    expect(emit).toHaveBeenCalledTimes(1);
  });
});

test("baggage stays in OpenTelemetry's context for a propagator that writes none", () => {
  const lanes = define();
  const visible = (): boolean =>
    lanes.run(lanes.capture({ baggage: 'lane=v2' }), () =>
      withoutOtelBaggage(() => propagation.getActiveBaggage() !== undefined),
    );
  const seen = [undefined, new W3CTraceContextPropagator(), w3c()].map((active) => {
    propagation.disable();
    if (active !== undefined) propagation.setGlobalPropagator(active);
    return visible();
  });
  expect(seen).toEqual([true, true, false]);
});
