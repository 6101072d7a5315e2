import { describe, expect, test } from 'vitest';
import { drops, lanes, out, to } from './capture.fixture.js';
import { attachChannel, BASELINE, type Carrier, defineLanes } from '../index.js';

describe('attach', () => {
  const lane = lanes.capture({ version: 'v2', baggage: 'a=1,b=2' });

  test('the baseline and an external host get the same object', () => {
    const headers = { accept: 'x' };
    expect(lanes.attach(headers, { to })).toBe(headers);
    expect(lanes.attach(headers, { to, lane: BASELINE })).toBe(headers);
    const seen = drops(() => expect(lanes.attach(headers, { to: 'http://example.com', lane })).toBe(headers));
    expect(seen).toEqual(['attach egress']);
    expect(lanes.attach(undefined, { to })).toBeUndefined();
  });

  test('of several destinations egress must allow all; with none, nothing is attached', () => {
    const headers = { accept: 'x' };
    const messages: unknown[] = [];
    const note = (message: unknown): void => void messages.push((message as { host: string }).host);
    attachChannel.subscribe(note);
    const proxied = lanes.attach(headers, { to: ['http://proxy:3128', 'http://helloworld'], lane });
    expect(proxied).toMatchObject({ version: 'v2' });
    const seen = drops(() => {
      for (const external of [['proxy', 'external.example'], ['external.example', 'proxy'], []])
        expect(lanes.attach(headers, { to: external, lane })).toBe(headers);
    });
    attachChannel.unsubscribe(note);
    expect(seen).toEqual(['attach egress', 'attach egress']);
    expect(messages).toEqual(['proxy']);
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

  test('the last of two spellings in one record is merged, because it is the one that is sent', () => {
    expect(lanes.attach({ Baggage: 'x=1', baggage: 'y=2' }, { to, lane })).toEqual({
      Baggage: 'x=1',
      baggage: 'y=2,a=1,b=2',
      version: 'v2',
    });
  });

  test("the caller's lines become one, even if they have every key of the lane", () => {
    expect(lanes.attach({ baggage: ['a=9', 'b=9'] }, { to, lane })).toEqual({
      baggage: 'a=9, b=9',
      version: 'v2',
    });
  });

  test.each<[string, Carrier | undefined]>([
    ['nothing', undefined],
    ['a record', {}],
    ['Headers', new Headers()],
    ['names and values in turn', []],
  ])('of two members that are promoted to one header the first is sent, on %s', (_, carrier) => {
    const twice = defineLanes({
      key: 'lane',
      carry: { baggage: ['*'] },
      promote: { lane: 'x-lane', version: 'X-Lane' },
    });
    const sent = (baggage: string): string | undefined => {
      const copy = twice.attach(carrier, { to, lane: twice.capture({ baggage }) }) ?? {};
      const seen = defineLanes({ key: 'x-lane', carry: { headers: ['x-lane'] } }).capture(copy);
      return seen.name;
    };
    expect(sent('version=v2,lane=v1')).toBe('v1');
    expect(sent('version=v2')).toBe('v2');
  });

  test('a promotion that would make the request too large stays in baggage alone', () => {
    const long = `x-mse-tag=${'x'.repeat(5000)}`;
    const seen = drops(() => expect(out(lanes.capture({ baggage: long }))).toEqual({ baggage: long }));
    expect(seen).toEqual(['attach limit x-mse-tag x-mse-tag']);
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

  test('an invalid destination is external', () => {
    for (const nowhere of [undefined, null, 1, {}, ''])
      expect(lanes.attach(undefined, { to: nowhere as never, lane })).toBeUndefined();
  });

  test('a record keeps having no prototype, with every strange name that it has', () => {
    const make = (): Record<string, string> =>
      Object.assign(Object.create(null) as Record<string, string>, { accept: 'x', ['__proto__']: 'y' });
    for (const copy of [lanes.attach(make(), { to, lane }), lanes.strip({ ...make(), version: 'v2' })])
      expect(Object.entries(copy).slice(0, 2)).toEqual([['accept', 'x'], ['__proto__', 'y']]); // prettier-ignore
    expect(Object.getPrototypeOf(lanes.attach(make(), { to, lane }))).toBeNull();
    const stripped = lanes.strip(Object.assign(make(), { version: 'v2' }));
    expect([Object.getPrototypeOf(stripped), Object.keys(stripped)]).toEqual([null, ['accept', '__proto__']]);
  });

  test.each(['text', { evil: 'yes' }])(
    'an own __proto__ key never becomes the prototype of the copy: %j',
    (value) => {
      const record = { accept: 'x', ['__proto__']: value };
      for (const copy of [lanes.attach(record, { to, lane }), lanes.strip({ ...record, version: 'v2' })]) {
        expect(Object.getPrototypeOf(copy)).toBe(Object.prototype);
        expect(Object.getOwnPropertyDescriptor(copy, '__proto__')?.value).toBe(value);
        expect('evil' in copy).toBe(false);
      }
    },
  );
});

test('a header named __proto__ is rejected, and no pattern carries it', () => {
  const name = '__proto__';
  expect(() => defineLanes({ key: name, carry: { headers: [name] } })).toThrow(
    /names __proto__, which .* objects/,
  );
  expect(() => defineLanes({ promote: { a: name } })).toThrow(/"__proto__" cannot be promoted to/);
  const wide = defineLanes({ key: 'x-lane', carry: { headers: ['x-lane', '_*', '*_'] } });
  const lane = wide.capture([[name, 'x'], ['x-lane', 'v2']]); // prettier-ignore
  expect(out(lane, wide)).toEqual({ 'x-lane': 'v2' });
});
