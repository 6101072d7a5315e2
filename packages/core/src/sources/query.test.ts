import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readParameter, removeParameter } from './query.js';

describe('readParameter', () => {
  test.each<[string, string[]]>([
    ['/hello?lane=v2', ['v2']],
    ['/?a=1&lane=v2&b=2', ['v2']],
    ['/?lane=v2&lane=v3', ['v2', 'v3']],
    ['/?l%61ne=a%20b+c', ['a b c']],
    ['/?lane=%zz', ['%zz']],
    ['/?lane=a=b', ['a=b']],
    ['/?lane', ['']],
    ['http://wsk:5000/?lane=v2#?lane=v3', ['v2']],
    ['?lane=v2', ['v2']],
    ['/?lane[]=v2&lane[a]=v2&Lane=v2&xlane=v2', []],
    // The second `?` belongs to the name.
    ['/??lane=v2', []],
    ['/#?lane=v2', []],
    ['/lane=v2', []],
    ['*', []],
    ['', []],
  ])('%j', (target, expected) => {
    expect(readParameter(target, 'lane')).toEqual(expected);
  });

  test('__proto__ is a name like any other', () => {
    expect(readParameter('/?a=1', '__proto__')).toEqual([]);
    expect(readParameter('/?__proto__=v2', '__proto__')).toEqual(['v2']);
  });
});

test.each([
  ['/hello?lane=v2', '/hello'],
  ['/?a=%41&lane=v2&b=2&l%61ne', '/?a=%41&b=2'],
  ['/?lane=v2#top', '/#top'],
  ['/?&lane=v2', '/?'],
  ['/?a=1', '/?a=1'],
  ['/', '/'],
])('removeParameter(%j) is %j', (target, expected) => {
  expect(removeParameter(target, 'lane')).toBe(expected);
});

test('any query is read as URLSearchParams reads it', () => {
  const name = fc.constantFrom('lane', 'a', '__proto__', 'lane[]');
  const pairs = fc.array(
    fc.tuple(
      name,
      fc.string({ unit: 'grapheme' }).map((text) => text.toWellFormed()),
    ),
  );
  fc.assert(
    fc.property(pairs, name, (given, wanted) => {
      const parameters = new URLSearchParams(given);
      const target = `/?${parameters.toString()}`;
      expect(readParameter(target, wanted)).toEqual(parameters.getAll(wanted));
      expect(readParameter(removeParameter(target, wanted), wanted)).toEqual([]);
    }),
  );
});

test.each(['&', '=', '?', '%', '+', 'lane=', '&lane'])('a megabyte of %j takes linear time', (piece) => {
  const target = `/?${piece.repeat(1_000_000 / piece.length)}`;
  const started = performance.now();
  readParameter(target, 'lane');
  removeParameter(target, 'lane');
  // Quadratic time takes minutes.
  expect(performance.now() - started).toBeLessThan(20_000);
});
