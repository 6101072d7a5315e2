import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readCookie, removeCookie } from './cookie.js';

describe('readCookie', () => {
  test.each<[string, string | undefined]>([
    ['lane=v2', 'v2'],
    ['a=1; lane=v2; b=2', 'v2'],
    ['a=1;lane=v2;b=2', 'v2'],
    ['\tlane =\tv2 ', 'v2'],
    ['lane=v2=3', 'v2=3'],
    ['lane=%41lice%20%C3%BC', 'Alice ü'],
    ['lane=%zz', '%zz'],
    ['lane=%FFx', '\uFFFDx'],
    ['lane=', ''],
    // The first cookie of a name wins.
    ['lane=v1; lane=v2', 'v1'],
    // Names are compared exactly, and are not decoded.
    ['Lane=v2', undefined],
    ['l%61ne=v2', undefined],
    ['xlane=v2; lanex=v3; x=lane=v2', undefined],
    // A pair without `=` is no cookie (RFC 6265, section 5.2, step 2).
    ['lane; lane=v2', 'v2'],
    ['lane', undefined],
    ['', undefined],
    [';;;', undefined],
  ])('%j', (text, expected) => {
    expect(readCookie(text, 'lane')).toBe(expected);
  });

  test.each(['__proto__', 'constructor', 'toString'])('%s is a name like any other', (name) => {
    expect(readCookie('a=1', name)).toBeUndefined();
    expect(readCookie(`a=1; ${name}=v2`, name)).toBe('v2');
  });
});

const name = fc.oneof(
  fc.constantFrom('lane', '__proto__', 'a'),
  fc.stringMatching(/^[!#$%&'*+\-.^_`|~0-9A-Za-z]{1,8}$/),
);
const value = fc.string({ unit: 'grapheme' }).map((text) => text.toWellFormed());
const cookies = fc.array(fc.tuple(name, value), { maxLength: 8 });
const format = (pairs: readonly (readonly [string, string])[]): string =>
  pairs.map((pair) => `${pair[0]}=${encodeURIComponent(pair[1])}`).join('; ');

describe('any cookies', () => {
  test('the first cookie of a name is read, whatever the others are', () => {
    fc.assert(
      fc.property(cookies, name, (pairs, wanted) => {
        expect(readCookie(format(pairs), wanted)).toBe(pairs.find(([key]) => key === wanted)?.[1]);
      }),
    );
  });

  test('removing a cookie leaves the others as they are', () => {
    fc.assert(
      fc.property(cookies, name, (pairs, wanted) => {
        const rest = pairs.filter(([key]) => key !== wanted);
        const text = format(pairs);
        const expected = rest.length === pairs.length ? text : format(rest) || undefined;
        expect(removeCookie(text, wanted)).toBe(expected);
      }),
    );
  });

  test('any text is read without an error, and has no cookie after the cookie is removed', () => {
    const text = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.string({ unit: fc.constantFrom('lane', '=', ';', ' ', '%', '%C3', '"', ',') }),
    );
    fc.assert(
      fc.property(text, (given) => {
        const found = readCookie(given, 'lane');
        expect(found === undefined || typeof found === 'string').toBe(true);
        expect(readCookie((removeCookie(given, 'lane') ?? '') as string, 'lane')).toBeUndefined();
      }),
    );
  });
});

test('a list of cookie headers', () => {
  expect(removeCookie(['a=1', 'lane=v2', 'b=2; lane=v2'], 'lane')).toEqual(['a=1', 'b=2']);
  expect(removeCookie(['lane=v2'], 'lane')).toBeUndefined();
  const other = ['a=1'];
  expect(removeCookie(other, 'lane')).toBe(other);
});

test.each(['=', ';', ' ', ';=', 'lane', 'lane ;', 'lane=%', '%C3'])(
  'a megabyte of %j takes linear time',
  (piece) => {
    const text = piece.repeat(1_000_000 / piece.length);
    const started = performance.now();
    readCookie(`${text}; lane=${text}`, 'lane');
    removeCookie(text, 'lane');
    // Quadratic time takes minutes.
    expect(performance.now() - started).toBeLessThan(20_000);
  },
);
