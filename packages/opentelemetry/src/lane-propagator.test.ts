import {
  type Context,
  context,
  defaultTextMapGetter,
  propagation,
  ROOT_CONTEXT,
  type TextMapGetter,
  type TextMapPropagator,
  trace,
} from '@opentelemetry/api';
import { CompositePropagator, W3CBaggagePropagator, W3CTraceContextPropagator } from '@opentelemetry/core';
import { BASELINE, defineLanes, type LanePolicy } from '@laneway/core';
import { collectDrops, contractLanes, laneHeaders } from '@laneway/testing';
import { afterEach, describe, expect, test } from 'vitest';
import { LanePropagator } from './index.js';

const lanes = contractLanes();
const to = 'http://helloworld:5000';
const TRACE = '0af7651916cd43dd8448eb211c80319c';
const traceparent = `00-${TRACE}-b7ad6b7169203331-01`;
const extract = (carrier: unknown, propagator: LanePropagator, getter = defaultTextMapGetter): Context =>
  propagator.extract(ROOT_CONTEXT, carrier, getter);
/** Injects as an SDK does: through the API, where Laneway wraps the registered propagator. */
const inject = (from: Context, propagator: TextMapPropagator): object => {
  propagation.disable();
  propagation.setGlobalPropagator(propagator);
  lanes.run(BASELINE, () => {}); // as for every request: here Laneway sees the new propagator
  const carrier = {};
  propagation.inject(from, carrier);
  return carrier;
};
afterEach(() => propagation.disable());
const inContext = <T>(active: Context, fn: () => T): T => context.with(active, fn);
const baggageOf = (active: Context): Record<string, string> =>
  Object.fromEntries(
    (propagation.getBaggage(active)?.getAllEntries() ?? []).map(([key, { value }]) => [key, value]),
  );

describe('extract', () => {
  const propagator = new LanePropagator({ lanes });

  test('the context is in the lane, byte for byte', () => {
    const extracted = extract(laneHeaders('v2'), propagator);
    expect(inContext(extracted, lanes.current).name).toBe('v2');
    expect(inContext(extracted, () => lanes.attach({}, { to }))).toEqual(laneHeaders('v2'));
    expect(baggageOf(extracted).Lane).toBe('v2');
  });

  test('all baggage lines count together', () => {
    const extracted = extract({ baggage: ['a=1', 'b=2;p'] }, propagator);
    expect(inContext(extracted, () => lanes.attach({}, { to }))).toEqual({ baggage: 'a=1, b=2;p' });
  });

  test('reads exact names, and lists the names of the carrier for prefixes and suffixes', () => {
    const asked: string[] = [];
    const getter: TextMapGetter<Map<string, string>> = {
      get: (carrier, key) => {
        asked.push(key);
        return carrier.get(key);
      },
      keys: (carrier) => [...carrier.keys()],
    };
    const carrier = new Map([
      ['version', 'v2'],
      ['appver-a', '1'],
      ['accept', '*/*'],
    ]);
    const exact = defineLanes({ key: 'version', carry: { headers: ['Version'], baggage: ['*'] } });
    const named = new LanePropagator({ lanes: exact }).extract(
      ROOT_CONTEXT,
      carrier,
      getter as TextMapGetter,
    );
    expect(new Set(asked)).toEqual(new Set(['version', 'baggage']));
    expect(inContext(named, () => exact.attach({}, { to }))).toEqual({ version: 'v2' });
    const all = propagator.extract(ROOT_CONTEXT, carrier, getter as TextMapGetter);
    expect(inContext(all, () => lanes.attach({}, { to }))).toEqual({ version: 'v2', 'appver-a': '1' });
  });

  test('a carrier without a lane leaves the context unchanged', () => {
    expect(extract({ accept: '*/*' }, propagator)).toBe(ROOT_CONTEXT);
    const inLane = extract(laneHeaders('v2'), propagator);
    expect(propagator.extract(inLane, {}, defaultTextMapGetter)).toBe(inLane);
  });

  test('the lane of the carrier replaces the lane of the context; the span stays', () => {
    const outer = trace.setSpanContext(extract({ baggage: 'a=1,b=2' }, propagator), {
      traceId: TRACE,
      spanId: 'b7ad6b7169203331',
      traceFlags: 1,
    });
    const extracted = propagator.extract(outer, { baggage: 'b=3' }, defaultTextMapGetter);
    expect(baggageOf(extracted)).toEqual({ b: '3' });
    expect(trace.getSpanContext(extracted)?.traceId).toBe(TRACE);
  });

  test.each<LanePolicy['trust']>(['none', ['10.0.0.0/8'], () => true])(
    'no lane when trust depends on the sender: %s',
    async (trust) => {
      const strict = defineLanes({ key: 'lane', carry: { baggage: ['lane'] }, trust: trust as 'none' });
      const drops = await collectDrops(() => {
        const extracted = extract({ baggage: 'lane=v2,user=alice' }, new LanePropagator({ lanes: strict }));
        expect(inContext(extracted, strict.current).get('lane')).toBeUndefined();
        expect(baggageOf(extracted)).toEqual({ user: 'alice' });
      });
      expect(drops).toEqual([]);
    },
  );

  test('a carrier that cannot be read leaves the context unchanged', () => {
    expect(extract(undefined, propagator)).toBe(ROOT_CONTEXT);
    const getter = { get: () => void 0, keys: (): string[] => JSON.parse('no') as string[] };
    expect(extract({}, propagator, getter)).toBe(ROOT_CONTEXT);
  });
});

describe('inject', () => {
  const set = (key: string, value: string) => (active: Context) =>
    propagation.setBaggage(
      active,
      (propagation.getBaggage(active) ?? propagation.createBaggage()).setEntry(key, { value }),
    );

  test('writes no lane member', () => {
    const propagator = new LanePropagator({ lanes });
    const inLane = extract(laneHeaders('v2'), propagator);
    expect(inject(inLane, propagator)).toEqual({});
    expect(inject(set('user', 'alice')(inLane), propagator)).toEqual({});
  });

  describe('with a policy that carries some baggage', () => {
    const some = defineLanes({
      key: 'lane',
      carry: { baggage: ['lane', 'route-*'] },
      promote: { 'x-mse-tag': 'x-mse-tag' },
    });
    const propagator = new LanePropagator({ lanes: some });

    test('writes the other members', () => {
      const extracted = extract(
        { baggage: 'lane=v2,user=alice;p=1,route-a=b,x-mse-tag=gray,team=a%20b' },
        propagator,
      );
      expect(inject(extracted, propagator)).toEqual({ baggage: 'user=alice;p=1,team=a%20b' });
      expect(inContext(extracted, some.current).name).toBe('v2');
    });

    test('writes what code set through OpenTelemetry, and not what it set on the lane', () => {
      const inLane = extract({ baggage: 'lane=v2' }, propagator);
      expect(inject(set('user', 'alice')(inLane), propagator)).toEqual({ baggage: 'user=alice' });
      expect(inject(set('lane', 'v3')(inLane), propagator)).toEqual({});
      const ofLane = inContext(inLane, () =>
        some.run(some.current().set('own', 'yes'), () => inject(context.active(), propagator)),
      );
      expect(ofLane).toEqual({});
    });

    test('outside a lane too', () => {
      expect(inject(set('user', 'alice')(ROOT_CONTEXT), propagator)).toEqual({ baggage: 'user=alice' });
      expect(inject(ROOT_CONTEXT, propagator)).toEqual({});
    });

    test('a value that cannot be encoded is dropped, and nothing is thrown', () => {
      expect(inject(set('user', '\ud800')(ROOT_CONTEXT), propagator)).toEqual({});
    });
  });
});

describe('trace context', () => {
  const carrier = { ...laneHeaders('v2'), traceparent };
  const roundTrip = (): { name: string | undefined; out: Record<string, string[]> } => {
    const extracted = propagation.extract(ROOT_CONTEXT, carrier);
    const out: Record<string, string[]> = {};
    propagation.inject(extracted, out, {
      set: (headers, key, value) => void (headers[key] ??= []).push(value),
    });
    return { name: inContext(extracted, lanes.current).name, out };
  };

  test('is propagated when it is the only propagator of an SDK', () => {
    propagation.setGlobalPropagator(new LanePropagator({ lanes }));
    expect(roundTrip()).toEqual({ name: 'v2', out: { traceparent: [traceparent] } });
    expect(propagation.fields()).toEqual(['traceparent', 'tracestate', 'baggage']);
  });

  test('is left to the others of a composite, whatever the order', () => {
    const propagators = [new W3CTraceContextPropagator(), new LanePropagator({ lanes })];
    for (const order of [propagators, propagators.toReversed()]) {
      propagation.disable();
      propagation.setGlobalPropagator(new CompositePropagator({ propagators: order }));
      expect(roundTrip()).toEqual({ name: 'v2', out: { traceparent: [traceparent] } });
    }
  });
});

test("without it, OpenTelemetry's propagator writes no lane member either, and extracts no lane", () => {
  const extracted = extract(laneHeaders('v2'), new LanePropagator({ lanes }));
  expect(inject(extracted, new W3CBaggagePropagator())).toEqual({});
  const plain = new W3CBaggagePropagator().extract(ROOT_CONTEXT, { version: 'v2' }, defaultTextMapGetter);
  expect(inContext(plain, lanes.current)).toBe(BASELINE);
});

test('refuses a value that is not lanes; the default is the lanes of the process', () => {
  expect(() => new LanePropagator({ lanes: {} as never })).toThrow(/defineLanes/);
  expect(inContext(extract({ 'x-lane': 'v7' }, new LanePropagator()), lanes.current)).not.toBe(BASELINE);
});
