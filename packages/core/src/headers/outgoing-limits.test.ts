import { context, propagation } from '@opentelemetry/api';
import { afterAll, describe, expect, test } from 'vitest';
import { BASELINE, defineLanes, type LaneContext } from '../index.js';
import { drops, lanes, out, to } from './capture.fixture.js';

const sent = (lane: LaneContext): { headers: unknown; seen: string[] } => {
  let headers: unknown;
  const seen = drops(() => (headers = out(lane)));
  return { headers, seen };
};

afterAll(() => context.disable());

describe('what code sets has the limits of what was captured', () => {
  test('a member that is too large is dropped whole, and no empty baggage is sent', () => {
    expect(sent(BASELINE.set('k', 'x'.repeat(9000)))).toEqual({
      headers: undefined,
      seen: ['attach limit baggage k'],
    });
    const carrier = { accept: 'x' };
    expect(lanes.attach(carrier, { to, lane: BASELINE.set('k', 'x'.repeat(9000)) })).toBe(carrier);
  });

  test('the lane survives the members that are set beside it', () => {
    const lane = lanes.capture({ baggage: 'version=v2,a=1' }).set('k', 'x'.repeat(8190));
    expect(sent(lane)).toEqual({ headers: { baggage: 'version=v2,a=1' }, seen: ['attach limit baggage k'] });
  });

  test('a header that is too large is dropped whole', () => {
    expect(sent(BASELINE.set('version', 'v'.repeat(20_000)))).toEqual({
      headers: undefined,
      seen: ['attach limit version'],
    });
    expect(sent(lanes.capture({ version: 'v2' }).set('a-lane', 'x'.repeat(5000)))).toEqual({
      headers: { version: 'v2' },
      seen: ['attach limit a-lane'],
    });
  });

  test('the header that names the lane is kept first, then others that fit', () => {
    const lane = lanes
      .capture({ 'appver-a': 'a'.repeat(3000), 'appver-b': 'b'.repeat(900) })
      .set('version', 'v'.repeat(500));
    const { headers, seen } = sent(lane);
    expect(Object.keys(headers as object)).toEqual(['appver-a', 'version']);
    expect(seen).toEqual(['attach limit appver-b']);
  });

  test('a promoted lane is kept before headers that do not name one', () => {
    const lane = lanes.capture({ 'appver-a': 'a'.repeat(4070), baggage: 'x-mse-tag=v2' });
    expect(sent(lane)).toEqual({
      headers: { 'x-mse-tag': 'v2', baggage: 'x-mse-tag=v2' },
      seen: ['attach limit appver-a'],
    });
  });

  test('over the limits, OpenTelemetry and code meet the same rules', () => {
    lanes.run(lanes.capture({ version: 'v2' }), () => {
      const baggage = propagation.createBaggage({ k: { value: 'x'.repeat(9000) }, ok: { value: '1' } });
      context.with(propagation.setBaggage(context.active(), baggage), () => {
        expect(sent(lanes.current())).toEqual({
          headers: { version: 'v2', baggage: 'ok=1' },
          seen: ['attach limit baggage k'],
        });
      });
    });
  });

  test('metadata of megabytes never throw', () => {
    const entry = { value: '1', metadata: { toString: () => 'p;'.repeat(1_900_000) + 'p' } as never };
    const seen = drops(() => expect(BASELINE.setEntry('k', entry).getAllEntries()).toEqual([]));
    expect(seen).toEqual(['attach limit baggage k']);
  });

  test('each drop is reported once for a lane', () => {
    const lane = BASELINE.set('version', 'v2').set('k', 'x'.repeat(9000));
    expect(sent(lane).seen).toEqual(['attach limit baggage k']);
    expect(sent(lane).seen).toEqual([]);
  });
});

test('of captured headers, those that fit stay as well', () => {
  const some = defineLanes({ key: 'x-lane', carry: { headers: ['x-lane', 'a*'] } });
  const seen = drops(() => {
    const lane = some.capture({ 'a-big': 'x'.repeat(5000), 'a-small': '1', 'x-lane': 'v2' });
    expect(out(lane, some)).toEqual({ 'a-small': '1', 'x-lane': 'v2' });
  });
  expect(seen).toEqual(['capture limit a-big']);
});
