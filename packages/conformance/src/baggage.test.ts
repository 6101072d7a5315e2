import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseBaggage } from './baggage.js';
import { decodeValue, isSameMember } from './sameness.js';

const token = fc.stringMatching(/^[!#$%&'*+\-.^_`|~0-9A-Za-z]{1,8}$/);
const octets = fc.stringMatching(/^[\x21\x23-\x2b\x2d-\x3a\x3c-\x5b\x5d-\x7e]{0,8}$/);
const ows = fc.stringMatching(/^[ \t]{0,2}$/);
const property = fc.record({ key: token, value: fc.option(octets, { nil: undefined }) });
const member = fc.record({ key: token, value: octets, properties: fc.array(property, { maxLength: 3 }) });

test.each(['a=1', 'a=', 'a = 1 ; p = x ; flag', '__proto__=x', 'a=b=c', 'a=%zz', "!#$%&'*+-.^_`|~=x"])(
  '%j is a member',
  (text) => {
    expect(parseBaggage([text])).toMatchObject({ members: [{ text }], malformed: [] });
  },
);

test.each([
  '=1',
  'a',
  'a b=1',
  'a=1 2',
  'a="1"',
  'a=\\',
  'a=1;',
  'a=1;;p',
  'a=1;=p',
  'a=ü',
  'ä=1',
  'a\u00A0=1',
])('%j is not valid baggage', (text) => {
  expect(parseBaggage(['x=1', text])).toMatchObject({ members: [{ text: 'x=1' }], malformed: [text] });
});

test('an empty line has no members, an empty element is malformed', () => {
  expect(parseBaggage(['', ' \t'])).toEqual({ members: [], malformed: [] });
  expect(parseBaggage(['a=1,,b=2,']).malformed).toEqual(['', '']);
});

test('parses everything that the grammar allows, with any white space and any number of lines', () => {
  fc.assert(
    fc.property(
      fc.array(member, { minLength: 1, maxLength: 6 }),
      ows,
      ows,
      fc.boolean(),
      (given, a, b, inLines) => {
        const texts = given.map(({ key, value, properties }) =>
          [
            `${key}${a}=${b}${value}`,
            ...properties.map((one) =>
              one.value === undefined ? one.key : `${one.key}${b}=${a}${one.value}`,
            ),
          ].join(`${a};${b}`),
        );
        const { members, malformed } = parseBaggage(inLines ? texts : [texts.join(`${a},${b}`)]);
        expect(malformed).toEqual([]);
        expect(members.map(({ key, value, properties }) => ({ key, value, properties }))).toEqual(given);
      },
    ),
  );
});

test('never throws, and classifies every element as valid or malformed', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      const { members, malformed } = parseBaggage([text]);
      const isEmpty = /^[ \t]*$/.test(text);
      expect(members.length + malformed.length).toBe(isEmpty ? 0 : text.split(',').length);
    }),
  );
});

test('decodes values', () => {
  expect(decodeValue('Am%C3%A9lie%20%f0%9f%98%80')).toBe('Amélie 😀');
  expect(decodeValue('100%25%')).toBe('100%%');
  expect(decodeValue('a%FF%FEb%ED%A0%80')).toBe('a\uFFFDb\uFFFD');
  expect(decodeValue('%EF%BB%BFbom+')).toBe('\uFEFFbom+');
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      const wellFormed = text.toWellFormed();
      expect(decodeValue(encodeURIComponent(wellFormed))).toBe(wellFormed.replace(/\uFFFD+/g, '\uFFFD'));
    }),
  );
});

test.each([
  ['a=%41;p;q=%42', 'a = A ; q=B ; p', true],
  ['a=%FF', 'a=%EF%BF%BD', true],
  ['a=1', 'A=1', false],
  ['a%41=1', 'aA=1', false],
  ['a=+', 'a=%20', false],
  ['a=1;p', 'a=1', false],
  ['a=1;p', 'a=1;p=', false],
  ['a=1;p;p', 'a=1;p', false],
])('isSameMember(%s, %s) is %s', (one, other, same) => {
  const [a, b] = [one, other].map((text) => parseBaggage([text]).members[0]!);
  expect(isSameMember(a!, b!)).toBe(same);
});
