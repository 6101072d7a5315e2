import { describe, expect, test } from 'vitest';
import { BASELINE, type Carrier, defineLanes } from '../index.js';
import { drops, lanes, out, to } from './capture.fixture.js';

const shapes: [string, (entries: [string, unknown][]) => Carrier][] = [
  ['a record', (entries) => Object.fromEntries(entries)],
  ['a Map', (entries) => new Map(entries)],
  [
    'a Map with names in bytes',
    (entries) => new Map(entries.map(([k, v]) => [Buffer.from(k, 'latin1'), v])) as never,
  ],
  ['pairs', (entries) => entries],
  ['names and values in turn', (entries) => entries.flat() as never],
];

describe('a header name that a pattern matches and that is not a token (RFC 9110, section 5.6.2)', () => {
  test.each(shapes)('is dropped with a reason and never attached, from %s', (_, make) => {
    const bad = ['a b-lane', 'x\r\nevil: 1\r\nb-lane', 'ä-lane', 'appver:1', 'a"-lane'];
    const seen = drops(() => {
      const lane = lanes.capture(
        make([...bad.map((name): [string, string] => [name, 'v']), ['a-lane', 'ok']]),
      );
      expect(out(lane)).toEqual({ 'a-lane': 'ok' });
    });
    expect(seen).toEqual(bad.map((name) => `capture malformed ${JSON.stringify(name)}`));
  });
});

describe('input that another carrier, such as a queue, may hold', () => {
  const itself: unknown[] = ['v1'];
  itself.push(itself);
  const trap = new Proxy({}, { get: () => expect.fail('read'), ownKeys: () => expect.fail('read') });
  const getter = Object.defineProperty({ accept: 'x', version: 'v2' }, 'a-lane', {
    enumerable: true,
    get: () => expect.fail('read'),
  });

  test('capture never throws', () => {
    for (const carrier of [trap, [trap], [[trap]], getter, null, 1n, Symbol('x')])
      expect(() => lanes.capture(carrier as never)).not.toThrow();
    expect(lanes.capture({ version: itself, 'a-lane': 'ok' }).get('a-lane')).toBe('ok');
    expect(lanes.capture({ version: { nested: 'v2' }, 'a-lane': true, 'b-lane': 5 }).entries()).toEqual([
      ['b-lane', '5'],
    ]);
  });

  test('strip never throws, and removes what it cannot read', () => {
    expect(lanes.strip(getter)).toEqual({ accept: 'x' });
    expect(lanes.strip({ accept: 'x', version: itself })).toEqual({ accept: 'x' });
    const some = defineLanes({ key: 'lane', carry: { baggage: ['lane'] } });
    expect(some.strip({ accept: 'x', baggage: itself })).toEqual({ accept: 'x' });
    expect(lanes.strip(trap)).toEqual({});
    expect(lanes.strip([['version', 'v2'], trap] as never)).toEqual([]);
    for (const carrier of [null, undefined, 1n, 'text', [1, 2]])
      expect(lanes.strip(carrier as never)).toBe(carrier);
  });

  test('strip keeps the pairs of an iterable that cannot be made anew', () => {
    class Fixed {
      constructor(init?: unknown) {
        if (init !== undefined) throw new Error('from Headers');
      }
      *[Symbol.iterator](): Iterator<[string, string]> {
        yield ['accept', 'x'];
        yield ['version', 'v2'];
      }
    }
    expect(lanes.strip(new Fixed())).toEqual([['accept', 'x']]);
  });
});

describe('very large input', () => {
  const member = `a=1${';b'.repeat(1_900_000)}`;
  const some = defineLanes({ key: 'lane', carry: { baggage: ['lane'] } });

  test('one member of megabytes is dropped whole, and the lane survives', () => {
    const seen = drops(() => {
      const lane = lanes.capture({ baggage: `${member},version=v2` });
      expect(out(lane)).toEqual({ baggage: 'version=v2' });
      expect(lanes.capture({ baggage: '='.repeat(4_000_000) })).toBe(BASELINE);
      expect(lanes.capture({ baggage: 'a'.repeat(4_000_000) })).toBe(BASELINE);
    });
    expect(seen).toEqual([
      'capture limit baggage a',
      'capture malformed baggage',
      'capture malformed baggage',
    ]);
  });

  test('strip and attach survive it, too', () => {
    expect(some.strip({ baggage: `${member},lane=v2,b=1` })).toEqual({ baggage: 'b=1' });
    expect(some.strip({ baggage: member })).toEqual({});
    const lane = lanes.capture({ baggage: 'version=v2' });
    expect(lanes.attach({ baggage: member }, { to, lane })).toEqual({ baggage: 'version=v2' });
  });

  test('32,000 carried names take linear time', () => {
    const headers = Object.fromEntries(Array.from({ length: 32_000 }, (_, i) => [`n${i}-lane`, 'v']));
    const started = performance.now();
    expect(lanes.capture({ ...headers, version: 'v2' }).name).toBe('v2');
    // Quadratic time takes 1.6 s on a fast machine.
    expect(performance.now() - started).toBeLessThan(500);
  });
});
