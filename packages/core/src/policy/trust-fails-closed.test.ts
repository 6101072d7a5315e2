import { setImmediate as turn } from 'node:timers/promises';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { lanesFromEnvironment } from '../default-lanes.js';
import { drops } from '../headers/capture.fixture.js';
import { BASELINE, defineLanes, LanewayConfigError, type LanePolicy, presets, type Trust } from '../index.js';

const headers = { 'x-lane': 'v2' };
const thenable = (then: (done: unknown, fail: (error: Error) => void) => void): object =>
  new Proxy({}, { get: (_, name) => (name === 'then' ? then : undefined) });
const define = (...policies: readonly object[]): string => {
  try {
    defineLanes(...(policies as LanePolicy[]));
    return 'accepted';
  } catch (error) {
    expect(error).toBeInstanceOf(LanewayConfigError);
    return (error as LanewayConfigError).message;
  }
};

describe('an empty value of trust is rejected at start-up', () => {
  const circular: Record<string, unknown> = {};
  circular.self = circular;
  test.each<[string, unknown]>([
    ['null', null],
    ['undefined', undefined],
    ['an empty text', ''],
    ['a boolean', true],
    ['a bigint', 5n],
    ['a circular object', circular],
    ['a symbol', Symbol('trust')],
    ['a list with a bigint', [5n]],
    ['an empty rule', ['']],
  ])('%s', (_, trust) => {
    expect(define({ trust })).toMatch(/^The lane policy has 1 problem:\n {2}trust.* Write 'all', 'none', /);
  });

  test('also when another policy is merged with it', () => {
    expect(define({ trust: 'none' }, { trust: undefined })).toMatch(/trust: undefined is not a valid value/);
    expect(define(presets.mse(), { trust: null })).toMatch(/trust: null is not a valid value/);
    expect(defineLanes({ trust: 'none' }, {}).policy.trust).toBe('none');
  });

  test.each(['key', 'carry', 'promote', 'egress'])('null for %s, too', (field) => {
    expect(define({ [field]: null })).toMatch(new RegExp(`1 problem:\n {2}${field}: `));
    expect(define(presets.mse(), { [field]: null })).toMatch(new RegExp(`1 problem:\n {2}${field}: `));
    expect(define({ [field]: undefined })).toBe('accepted');
  });

  test.each(['headers', 'baggage'])('null for carry.%s, too', (field) => {
    expect(define({ carry: { headers: ['x-lane'], [field]: null } })).toMatch(
      new RegExp(`carry.${field}: is not a list`),
    );
  });

  test('an empty list trusts no sender', () => {
    expect(defineLanes({ trust: [] }).capture(headers, { address: '127.0.0.1' })).toBe(BASELINE);
  });
});

describe('LANEWAY_TRUST', () => {
  test.each(['', '  ', ',', ' , '])(
    '%j is rejected: an unset ${VARIABLE} must not trust everyone',
    (value) => {
      expect(() => lanesFromEnvironment({ LANEWAY_TRUST: value })).toThrow(
        /LANEWAY_TRUST: is empty\. Unset it .* or write all, none or CIDR blocks/,
      );
    },
  );

  test('a variable that is absent keeps the default', () => {
    expect(lanesFromEnvironment({}).policy.trust).toBe('all');
    expect(lanesFromEnvironment({ LANEWAY_TRUST: undefined }).policy.trust).toBe('all');
  });

  test.each(['gateway', 'all,none', '10.0.0.0/99', '10.0.0.1 gateway'])(
    '%j is rejected with a text that names only what a variable can be',
    (value) => {
      const first = JSON.stringify(value.split(',')[0]).replaceAll('"', "'");
      expect(() => lanesFromEnvironment({ LANEWAY_TRUST: value })).toThrow(
        `  LANEWAY_TRUST[0]: ${first} is neither an address nor a CIDR block. ` +
          'Write all, none, or addresses and CIDR blocks separated by commas (10.0.0.0/8,::1).',
      );
    },
  );

  test('is reported together with what else is wrong', () => {
    const wrong = { LANEWAY_TRUST: '', LANEWAY_PROMOTE: 'a', LANEWAY_EGRESS: 'http://x' };
    expect(() => lanesFromEnvironment(wrong)).toThrow(
      /3 problems[^]*LANEWAY_PROMOTE[^]*LANEWAY_TRUST[^]*LANEWAY_EGRESS\[0\]/,
    );
  });
});

test('of the other variables an empty one carries nothing, allows nothing, or is the default', () => {
  const empty = {
    LANEWAY_KEY: '',
    LANEWAY_BAGGAGE: '',
    LANEWAY_PROMOTE: '',
    LANEWAY_EGRESS: '',
    LANEWAY_SOURCES: '',
  };
  expect(lanesFromEnvironment(empty).policy).toEqual({
    key: 'x-lane',
    carry: { headers: ['x-lane'], baggage: [] },
    promote: {},
    egress: [],
    trust: 'all',
    sources: {},
    propagatorSends: false,
  });
  expect(lanesFromEnvironment({ LANEWAY_HEADERS: '' }).policy.carry).toEqual({ headers: [], baggage: ['*'] });
  expect(() => lanesFromEnvironment({ LANEWAY_HEADERS: '', LANEWAY_BAGGAGE: '' })).toThrow(/LANEWAY_KEY/);
});

describe('a trust function that is async', () => {
  const warn = vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
  const unhandled = vi.fn();
  afterEach(() => {
    process.off('unhandledRejection', unhandled);
    warn.mockClear();
  });

  test('is rejected at start-up', () => {
    const remedy = /trust: is an async function.* Write a function that returns true or false/;
    expect(define({ trust: async () => true })).toMatch(remedy);
    expect(define({ trust: { ask: async () => true }.ask })).toMatch(remedy);
  });

  test.each<[string, () => unknown]>([
    ['a promise of yes', () => Promise.resolve(true)],
    ['a promise that rejects', () => Promise.reject(new Error('no database'))],
    ['a thenable that throws', () => thenable(() => expect.fail('no database'))],
    ['a thenable that rejects', () => thenable((_, fail) => fail(new Error('no database')))],
  ])('%s: not trusted, reported once, and never ends the process', async (_, trust) => {
    process.on('unhandledRejection', unhandled);
    const lanes = defineLanes({ trust: trust as Trust });
    const seen = drops(() => {
      for (let i = 0; i < 3; i++) expect(lanes.capture(headers)).toBe(BASELINE);
    });
    await turn();
    await turn();
    expect(seen).toEqual(Array(3).fill('capture untrusted'));
    expect(unhandled).not.toHaveBeenCalled();
    expect(warn.mock.calls).toEqual([
      [
        expect.stringMatching(/returned a promise/),
        { type: 'LanewayWarning', code: 'LANEWAY_TRUST_PROMISE' },
      ],
    ]);
  });
});

test('LANEWAY_PROPAGATOR_SENDS is true or false', () => {
  const read = (text: string): boolean =>
    lanesFromEnvironment({ LANEWAY_PROPAGATOR_SENDS: text }).policy.propagatorSends;
  expect(['true', ' false ', ''].map(read)).toEqual([true, false, false]);
  expect(() => read('yes')).toThrow(
    /LANEWAY_PROPAGATOR_SENDS: "yes" is not a switch\. Write true or false\./,
  );
});
