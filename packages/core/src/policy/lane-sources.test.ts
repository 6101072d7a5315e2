import { expect, test } from 'vitest';
import { lanesFromEnvironment } from '../default-lanes.js';
import { defineLanes, LanewayConfigError, NO_SOURCES } from '../index.js';

test.each<[string, unknown, RegExp]>([
  ['null', null, /sources: is not an object\. Write \{ cookie: 'lane'/],
  ['a list', ['cookie'], /sources: is not an object/],
  ['text', 'cookie:lane', /sources: is not an object/],
  [
    'a source that does not exist',
    { cookies: 'lane' },
    /sources\.cookies: is not a source\. Write one of auth,/,
  ],
  ['a number', { query: 1 }, /sources\.query: 1 is not a name\. Write the name of the query parameter/],
  ['null as a name', { auth: null }, /sources\.auth: null is not a name\. Write the name of the property/],
  ['a boolean', { cookie: true }, /sources\.cookie: true is not a name/],
  ['an empty name', { query: '' }, /sources\.query: "" is not a name/],
  ['a cookie name with a space', { cookie: 'a b' }, /sources\.cookie: "a b" is not a token/],
])('%s is rejected at start-up', (_name, sources, expected) => {
  expect(() => defineLanes({ sources: sources as never })).toThrow(LanewayConfigError);
  expect(() => defineLanes({ sources: sources as never })).toThrow(expected);
  expect(() => defineLanes({ sources: { cookie: 'a' } }, { sources: sources as never })).toThrow(expected);
});

test('no source is named by default', () => {
  expect(defineLanes().policy.sources).toBe(NO_SOURCES);
  expect(defineLanes({ sources: {} }).policy.sources).toBe(NO_SOURCES);
  expect(defineLanes({ sources: { cookie: undefined } as never }).policy.sources).toBe(NO_SOURCES);
  expect(defineLanes(defineLanes().policy).policy.sources).toBe(NO_SOURCES);
});

test('policies combine their sources; the last name of a source is used', () => {
  const { policy } = defineLanes(
    { sources: { cookie: 'a', query: 'q' } },
    { sources: { cookie: 'b', query: undefined, auth: 'c' } as never },
    {},
  );
  expect(policy.sources).toEqual({ cookie: 'b', query: 'q', auth: 'c' });
});

test('from the environment', () => {
  const read = (value: string): unknown => lanesFromEnvironment({ LANEWAY_SOURCES: value }).policy.sources;
  expect(read('cookie:lane, query:x:y,auth:lane')).toEqual({ cookie: 'lane', query: 'x:y', auth: 'lane' });
  expect(read('')).toBe(NO_SOURCES);
  expect(() => read('cookie')).toThrow(/LANEWAY_SOURCES: "cookie" is not a pair\. Write cookie:name/);
  expect(() => read('header:lane')).toThrow(/LANEWAY_SOURCES\.header: is not a source/);
  expect(() => read('cookie:')).toThrow(/LANEWAY_SOURCES\.cookie: "" is not a name/);
});
