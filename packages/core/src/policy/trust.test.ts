import { drops } from '../headers/capture.fixture.js';
import { describe, expect, test, vi } from 'vitest';
import { BASELINE, type Carrier, defineLanes, LanewayConfigError, type Trust } from '../index.js';
import { lanesFromEnvironment } from '../default-lanes.js';

const headers = { version: 'v2', baggage: 'lane=v2' };
const captureWith = (trust: Trust | undefined, address?: string): string =>
  defineLanes({
    key: 'version',
    carry: { headers: ['version'], baggage: ['*'] },
    ...(trust && { trust }),
  }).capture(headers, { address }).name ?? 'baseline';

describe('trust', () => {
  test.each<[string, Trust | undefined, string | undefined, string]>([
    ['the default: everyone', undefined, undefined, 'v2'],
    ['all', 'all', '203.0.113.9', 'v2'],
    ['none', 'none', '127.0.0.1', 'baseline'],
    ['in a block', ['10.0.0.0/8', '::1'], '10.1.2.3', 'v2'],
    ['in a block, as IPv6 sockets name it', ['10.0.0.0/8'], '::ffff:10.1.2.3', 'v2'],
    ['an address', ['10.0.0.0/8', '::1'], '::1', 'v2'],
    ['in a block, with a zone', ['fe80::/10'], 'fe80::1%eth0', 'v2'],
    ['outside', ['10.0.0.0/8'], '11.0.0.1', 'baseline'],
    ['outside, as IPv6 sockets name it', ['10.0.0.0/8'], '::ffff:11.0.0.1', 'baseline'],
    ['without an address', ['0.0.0.0/0', '::/0'], undefined, 'baseline'],
    ['not an address', ['0.0.0.0/0', '::/0'], '10.0.0.1, 10.0.0.2', 'baseline'],
    ['an empty list', [], '127.0.0.1', 'baseline'],
    ['a function', ({ address }) => address === 'a', 'a', 'v2'],
    ['a function that says no', () => false, 'a', 'baseline'],
    ['a function that returns a truthy value', (() => 'yes') as never, 'a', 'baseline'],
    [
      'a function that fails',
      () => {
        throw new Error('no');
      },
      'a',
      'baseline',
    ],
  ])('%s', (_name, trust, address, expected) => {
    expect(captureWith(trust, address)).toBe(expected);
    expect(captureWith(trust, address)).toBe(expected);
  });

  test('a function sees the address, the request and the headers', () => {
    const trust = vi.fn(() => true);
    const request = {};
    defineLanes({ trust }).capture(headers, { address: '10.0.0.1', request });
    const sent = { address: '10.0.0.1', request, headers, header: expect.any(Function) as unknown };
    expect(trust.mock.calls).toEqual([[sent]]);
  });

  test.each<[string, Carrier, string | undefined]>([
    ['by another case', { 'X-Gateway': 'a' }, 'a'],
    ['of pairs', new Headers({ 'x-gateway': 'a' }), 'a'],
    ['of several fields', ['x-gateway', 'a', 'X-Gateway', 'b'], 'a, b'],
    ['of bytes', { 'x-gateway': Buffer.from('a') }, 'a'],
    ['that is not there', { 'x-gatewax': 'a', 'x-gateway': undefined }, undefined],
  ])('a function asks for a header %s', (_name, carrier, expected) => {
    const seen: unknown[] = [];
    defineLanes({ trust: ({ header }) => seen.push(header('x-gateWay')) > 0 }).capture(carrier);
    expect(seen).toEqual([expected]);
  });

  test('without a sender, no address is trusted', () => {
    expect(defineLanes({ trust: ['0.0.0.0/0'] }).capture(headers)).toBe(BASELINE);
  });

  test('a lane of an untrusted sender is reported, once for each request', () => {
    const lanes = defineLanes({ trust: 'none' });
    const seen = drops(() => {
      lanes.capture(headers);
      lanes.capture({ accept: '*/*' });
    });
    expect(seen).toEqual(['capture untrusted']);
  });

  test.each([[['10.0.0.0/99', 5]], ['some'], [{}]])('%o is rejected at start-up', (trust) => {
    expect(() => defineLanes({ trust: trust as never })).toThrow(LanewayConfigError);
  });

  test('from the environment', () => {
    const name = (value: string): string | undefined =>
      lanesFromEnvironment({ LANEWAY_TRUST: value }).capture({ 'x-lane': 'v2' }, { address: '10.0.0.1' })
        .name;
    expect(['all', 'none', '10.0.0.0/8,::1', '11.0.0.0/8'].map(name)).toEqual([
      'v2',
      undefined,
      'v2',
      undefined,
    ]);
    expect(() => lanesFromEnvironment({ LANEWAY_TRUST: 'gateway' })).toThrow(/LANEWAY_TRUST\[0\]/);
  });
});

describe('strip', () => {
  const lanes = defineLanes({
    key: 'version',
    carry: { headers: ['version', 'appver*'], baggage: ['lane'] },
    promote: { lane: 'X-Lane' },
  });

  test('takes out what the policy carries, in every shape, and nothing else', () => {
    const record = {
      accept: '*/*',
      Version: 'v2',
      'appver-b': 'v1',
      'x-lane': 'v2',
      baggage: 'a=1 ,lane=v2,b=2;p',
    };
    const rest = { accept: '*/*', baggage: 'a=1,b=2;p' };
    expect(lanes.strip(record)).toEqual(rest);
    expect(record.Version).toBe('v2');
    expect(lanes.strip(Object.entries(record))).toEqual(Object.entries(rest));
    expect(lanes.strip(Object.entries(record).flat())).toEqual(Object.entries(rest).flat());
    const stripped = lanes.strip(new Headers(record));
    expect(stripped).toBeInstanceOf(Headers);
    expect(Object.fromEntries(stripped)).toEqual(rest);
    expect(lanes.strip(new Map(Object.entries(record)))).toEqual(new Map(Object.entries(rest)));
  });

  test('baggage is removed when nothing or only malformed text is left', () => {
    expect(lanes.strip({ baggage: 'lane=v2' })).toEqual({});
    expect(lanes.strip({ baggage: 'lane=v2"' })).toEqual({});
    expect(lanes.strip({ baggage: ['a=1', 'lane=v2'] })).toEqual({ baggage: 'a=1' });
    expect(defineLanes().strip({ baggage: 'a=1', host: 'h' })).toEqual({ host: 'h' });
  });

  test('returns the same object when it has no lane', () => {
    for (const carrier of [
      { accept: '*/*', baggage: 'a=1' },
      [['a', '1']],
      ['a', '1'],
      new Headers({ a: '1' }),
    ] as const)
      expect(lanes.strip(carrier as never)).toBe(carrier);
  });
});
