import { describe, expect, test } from 'vitest';
import { drops, lanes, out } from './capture.fixture.js';
import { BASELINE, type Carrier, defineLanes } from '../index.js';

describe('capture', () => {
  const headers = {
    Host: 'x',
    VERSION: 'v2',
    'appver-a': '1',
    'my-lane': 'm',
    Baggage: 'a=1 , b=2;p',
    other: 'no',
  };
  const expected = { version: 'v2', 'appver-a': '1', 'my-lane': 'm', baggage: 'a=1 , b=2;p' };

  test.each<[string, Carrier]>([
    ['a record', headers],
    ['Headers', new Headers(headers)],
    ['a Map', new Map(Object.entries(headers))],
    ['pairs', Object.entries(headers)],
    ['names and values in turn', Object.entries(headers).flat()],
    ['buffers', Object.fromEntries(Object.entries(headers).map(([k, v]) => [k, Buffer.from(v)]))],
    ['arrays', Object.fromEntries(Object.entries(headers).map(([k, v]) => [k, [v]]))],
  ])('reads %s', (_, carrier) => {
    const lane = lanes.capture(carrier);
    expect(lane.name).toBe('v2');
    expect(out(lane)).toEqual(expected);
  });

  test('several baggage values count together, several values of a header are one list', () => {
    expect(out(lanes.capture({ baggage: ['a=1', Buffer.from('b=2')], version: ['v1', 'v2'] }))).toEqual({
      version: 'v1, v2',
      baggage: 'a=1, b=2',
    });
    expect(out(lanes.capture(['Baggage', 'a=1', 'baggage', 'b=2']))?.baggage).toBe('a=1,b=2');
  });

  test.each<[string, unknown]>([
    ['nothing', {}],
    ['other headers', { host: 'x', accept: '*/*' }],
    ['empty values', { version: '', baggage: '  ', 'appver-a': undefined, 'my-lane': null }],
    ['no object', undefined],
    ['text', 'version'],
    ['odd pairs', [['version']]],
    ['an odd list', ['version']],
    ['numbers', [1, 2]],
  ])('%s is the baseline, and no error', (_, carrier) =>
    expect(lanes.capture(carrier as Carrier)).toBe(BASELINE),
  );

  test('a carrier that throws is the baseline', () => {
    const trap = Object.defineProperty({}, 'version', { enumerable: true, get: () => { throw new Error('no'); } }); // prettier-ignore
    expect(drops(() => expect(lanes.capture(trap)).toBe(BASELINE))).toEqual(['capture malformed']);
  });

  test('does not change the carrier', () => {
    const frozen = Object.freeze({ version: 'v2', baggage: 'a=1,bad' });
    expect(lanes.capture(frozen).name).toBe('v2');
  });

  test('what would break an outgoing request is dropped and reported, the rest is carried', () => {
    const seen = drops(() => {
      const lane = lanes.capture({
        version: 'v2',
        'appver-a': 'x\r\nevil: 1',
        'b-lane': '\u0000',
        'c-lane': '雪',
        baggage: 'a=1,x\r\ny=2,__proto__=p',
      });
      expect(out(lane)).toEqual({ version: 'v2', baggage: 'a=1,__proto__=p' });
      expect(lane.get('__proto__')).toBe('p');
    });
    expect(seen).toEqual([
      'capture malformed appver-a',
      'capture malformed b-lane',
      'capture malformed c-lane',
      'capture malformed baggage',
    ]);
  });

  test('oversized headers go whole, the lane last', () => {
    const seen = drops(() => {
      const lane = lanes.capture({
        version: 'v2',
        'appver-a': 'x'.repeat(4000),
        'appver-b': 'y'.repeat(1000),
      });
      expect(Object.keys(out(lane) ?? {})).toEqual(['version', 'appver-a']);
      expect(lanes.capture({ version: 'x'.repeat(9000) })).toBe(BASELINE);
    });
    expect(seen).toEqual(['capture limit appver-b', 'capture limit version']);
  });

  test('10,000 members: whole members within the limits, the rest reported', () => {
    const members = Array.from({ length: 10_000 }, (_, i) => `k${i}=${i}`);
    const seen = drops(() => {
      const baggage = out(lanes.capture({ baggage: [...members, 'version=v9'].join(',') }))?.baggage;
      expect(baggage?.split(',')).toHaveLength(180);
      expect(baggage?.endsWith(',version=v9')).toBe(true);
    });
    expect(seen).toHaveLength(10_001 - 180);
    expect(seen[0]).toBe('capture limit baggage k179');
  });

  test('carries only the baggage keys that the policy names, as they came', () => {
    const some = defineLanes({ key: 'sd-routing-key', carry: { baggage: ['sd-*', 'a'] } });
    const lane = some.capture({ baggage: 'b=1, sd-routing-key = x%20y;p ,a=,A=2', version: 'v2' });
    expect(out(lane, some)).toEqual({ baggage: 'sd-routing-key = x%20y;p,a=' });
    expect(lane.name).toBe('x y');
  });

  test('a pattern never carries what belongs to one connection or message', () => {
    const wide = defineLanes({
      key: 'x-lane',
      carry: { headers: ['*-lane', 'c*', 'h*', 't*', 'e*', 'b*', '*path'], baggage: [] },
    });
    const lane = wide.capture({
      'x-lane': '1',
      ':path': '/a',
      connection: 'close',
      host: 'a',
      'http2-settings': 'AAMAAABkAAQAAP__',
      'content-length': '3',
      te: 'x',
      expect: 'y',
      baggage: 'a=1',
    });
    expect(lane.entries()).toEqual([['x-lane', '1']]);
  });
});

test('white space around each of several baggage headers is not part of it (RFC 9110, section 5.5)', () => {
  const lane = lanes.capture([
    ['baggage', 'a=1'],
    ['baggage', '\tb=2 '],
  ]);
  expect(lanes.attach({}, { to: 'localhost', lane })).toEqual({ baggage: 'a=1,b=2' });
});
