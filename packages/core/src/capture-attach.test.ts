import { describe, expect, test } from 'vitest';
import {
  BASELINE,
  type Carrier,
  defineLanes,
  type DropMessage,
  dropChannel,
  type LaneContext,
} from './index.js';

const lanes = defineLanes({
  key: 'version',
  carry: { headers: ['version', 'X-MSE-Tag', 'appver*', '*-lane'], baggage: ['*'] },
  promote: { 'x-mse-tag': 'x-mse-tag' },
});
const to = 'http://helloworld:5000/hello';
const out = (lane: LaneContext, policy = lanes): Record<string, string> | undefined =>
  policy.attach(undefined, { to, lane });

function drops(fn: () => void): string[] {
  const seen: string[] = [];
  const note = (message: unknown): void => {
    const { direction, reason, header = '', key = '' } = message as DropMessage;
    seen.push([direction, reason, header, key].join(' ').trim());
  };
  dropChannel.subscribe(note);
  fn();
  dropChannel.unsubscribe(note);
  return seen;
}

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
        'appver-a': 'x'.repeat(8000),
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
      carry: { headers: ['*-lane', 'c*', 'h*', 't*', 'e*', 'b*'], baggage: [] },
    });
    const lane = wide.capture({
      'x-lane': '1',
      connection: 'close',
      host: 'a',
      'content-length': '3',
      te: 'x',
      expect: 'y',
      baggage: 'a=1',
    });
    expect(lane.entries()).toEqual([['x-lane', '1']]);
  });
});

describe('attach', () => {
  const lane = lanes.capture({ version: 'v2', baggage: 'a=1,b=2' });

  test('the baseline and a stranger get the very same object', () => {
    const headers = { accept: 'x' };
    expect(lanes.attach(headers, { to })).toBe(headers);
    expect(lanes.attach(headers, { to, lane: BASELINE })).toBe(headers);
    const seen = drops(() => expect(lanes.attach(headers, { to: 'http://example.com', lane })).toBe(headers));
    expect(seen).toEqual(['attach egress']);
    expect(lanes.attach(undefined, { to })).toBeUndefined();
  });

  test.each<[string, () => Carrier]>([
    ['a record', () => ({ accept: 'x' })],
    ['Headers', () => new Headers({ accept: 'x' })],
    ['a Map', () => new Map([['accept', 'x']])],
    ['pairs', () => [['accept', 'x']]],
    ['names and values in turn', () => ['accept', 'x']],
  ])('returns a changed copy of the same shape: %s', (_, make) => {
    const carrier = make();
    const copy = lanes.attach(carrier, { to, lane });
    expect(carrier).toEqual(make());
    expect(Object.getPrototypeOf(copy)).toBe(Object.getPrototypeOf(carrier));
    expect(lanes.capture(copy).entries()).toEqual([
      ['version', 'v2'],
      ['a', '1'],
      ['b', '2'],
    ]);
    expect(lanes.attach(copy, { to, lane })).toBe(copy); // attaching twice changes nothing
  });

  test.each<[string, () => Carrier]>([
    ['a record', () => ({ Version: 'mine', BAGGAGE: 'b=9' })],
    ['Headers', () => new Headers({ Version: 'mine', BAGGAGE: 'b=9' })],
    [
      'a Map',
      () =>
        new Map([
          ['Version', 'mine'],
          ['BAGGAGE', 'b=9'],
        ]),
    ],
    [
      'pairs',
      () => [
        ['Version', 'mine'],
        ['BAGGAGE', 'b=9'],
      ],
    ],
    ['names and values in turn', () => ['Version', 'mine', 'BAGGAGE', 'b=9']],
  ])("the caller's header wins, baggage is merged per key into one: %s", (_, make) => {
    const copy = lanes.attach(make(), { to, lane });
    expect(lanes.capture(copy).entries()).toEqual([
      ['version', 'mine'],
      ['b', '9'],
      ['a', '1'],
    ]);
    const pairs = Symbol.iterator in copy ? [...(copy as Iterable<unknown>)].flat() : Object.keys(copy);
    expect(pairs.filter((name) => String(name).toLowerCase() === 'baggage')).toHaveLength(1);
  });

  test("several baggage lines of the caller's become one", () => {
    expect(
      lanes.attach(
        [
          ['baggage', 'x=1'],
          ['other', '2'],
          ['Baggage', 'a=3'],
        ],
        { to, lane },
      ),
    ).toEqual([
      ['baggage', 'x=1, a=3,b=2'],
      ['other', '2'],
      ['version', 'v2'],
    ]);
    expect(lanes.attach({ baggage: ['x=1', 'y=2'] }, { to, lane })).toEqual({
      baggage: 'x=1, y=2,a=1,b=2',
      version: 'v2',
    });
  });

  test('a header that the caller set to nothing stays nothing', () => {
    expect(lanes.attach({ version: '' }, { to, lane: lanes.capture({ version: 'v2' }) })).toEqual({
      version: '',
    });
  });

  test('over the limits together: the lane stays, then what the caller set', () => {
    const mine = Array.from({ length: 178 }, (_, i) => `m${i}=1`).join(',');
    const full = lanes.capture({ baggage: 'x=1,y=2,version=v2,z=3' });
    const merged = lanes.attach({ baggage: mine }, { to, lane: full }).baggage;
    expect(merged).toBe(`${mine},x=1,version=v2`);
  });

  test('promotes a member into a header, decoded, unless that would be no header', () => {
    expect(out(lanes.capture({ baggage: 'x-mse-tag=gr%C3%A4y' }))).toEqual({
      'x-mse-tag': 'gräy',
      baggage: 'x-mse-tag=gr%C3%A4y',
    });
    expect(out(lanes.capture({ 'x-mse-tag': 'kept', baggage: 'x-mse-tag=member' }))?.['x-mse-tag']).toBe(
      'kept',
    );
    const seen = drops(() => {
      expect(out(lanes.capture({ baggage: 'x-mse-tag=a%0D%0Ab:%20c' }))).toEqual({
        baggage: 'x-mse-tag=a%0D%0Ab:%20c',
      });
    });
    expect(seen).toEqual(['attach malformed x-mse-tag x-mse-tag']);
  });

  test.each<[string, unknown]>([
    ['pairs without names', [[undefined, 'x']]],
    ['text', 'accept: x'],
    ['an iterable of no pairs', new Set([1])],
  ])('what is no carrier comes back as it is, reported: %s', (_, carrier) => {
    const seen = drops(() => expect(lanes.attach(carrier as Carrier, { to, lane })).toBe(carrier));
    expect(seen).toEqual(['attach malformed']);
  });

  test('a destination that is none is a stranger', () => {
    for (const nowhere of [undefined, null, 1, {}, ''])
      expect(lanes.attach(undefined, { to: nowhere as never, lane })).toBeUndefined();
  });

  test('a record with an own __proto__ or without a prototype is copied as it is', () => {
    const bare = Object.assign(Object.create(null) as Record<string, string>, { accept: 'x' });
    expect({ ...lanes.attach(bare, { to, lane }) }).toEqual({
      accept: 'x',
      version: 'v2',
      baggage: 'a=1,b=2',
    });
  });
});
