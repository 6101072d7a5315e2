import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isBaggage, isMember } from './baggage-grammar.js';
import { joinMembers, memberProperties, memberValue, splitMembers } from './baggage-member.js';
import { decodeValue, encodeValue } from './percent.js';

const token = fc.stringMatching(/^[!#$%&'*+\-.^_`|~0-9A-Za-z]{1,8}$/);
const octets = fc.stringMatching(/^[\x21\x23-\x2b\x2d-\x3a\x3c-\x5b\x5d-\x7e]{0,8}$/);
const ows = fc.stringMatching(/^[ \t]{0,2}$/);
const assigned = fc
  .tuple(token, ows, ows, octets)
  .map(([key, a, b, value]) => `${key}${a}=${b}${value}`.replace(/[ \t]+$/, ''));
const property = fc.tuple(ows, ows, fc.oneof(token, assigned)).map(([a, b, text]) => `${a};${b}${text}`);
const member = fc
  .tuple(assigned, fc.array(property, { maxLength: 3 }))
  .map(([head, tail]) => head + tail.join(''));
const baggage = fc
  .array(fc.tuple(member, ows, ows), { minLength: 1, maxLength: 8 })
  .map((parts) => parts.map(([text, a, b], i) => (i === 0 ? text : `${a},${b}${text}`)).join(''));

describe('W3C Baggage, section 3.3.1: the grammar', () => {
  test.each([
    'a=1',
    'a=',
    'a=1,b=2',
    'a = 1 ; p = x ; flag , b=2',
    "!#$%&'*+-.^_`|~=x",
    '__proto__=x',
    'a=1;p',
    'SomeKey=SomeValue;prop,key2=%C3%BC',
    'a=b=c',
    'a=%zz',
    '2=x,1=y',
    'a=1,a=2',
  ])('%j is baggage and comes out as it went in', (text) => {
    expect(isBaggage(text)).toBe(true);
    expect(splitMembers(text).every((part) => isMember(part.text))).toBe(true);
  });

  test.each([
    '',
    '=1',
    'a',
    'a b=1',
    'a=1 2',
    'a="1"',
    'a=1;',
    'a=1;;p',
    'a=ü',
    'a=\\',
    'a=1,,b=2',
    ',a=1',
    'a=1,',
    'a=1\r\nx: y',
    'a=\u0000',
    'a(=1',
    'a=1;p q',
    'a\u00e4=1',
  ])('%j is not', (text) => expect(isBaggage(text)).toBe(false));

  test('keeps valid members, reports others, and skips empty elements', () => {
    const bad: string[] = [];
    const members = splitMembers(' a=1 ,,no, b="2",c = 3 ;p , =x,d=4\t', (text) => bad.push(text));
    expect(joinMembers(members)).toBe('a=1,c = 3 ;p,d=4');
    expect(bad).toEqual(['no', 'b="2"', '=x']);
  });

  test('reads keys, values and properties', () => {
    const [first, second] = splitMembers('a%41 = %41%C3%BC ; p = x;flag,b=');
    expect(first?.key).toBe('a%41'); // keys are never decoded
    expect(first && memberValue(first)).toBe('Aü');
    expect(first && memberProperties(first)).toBe('p = x;flag');
    expect(second && memberValue(second)).toBe('');
    expect(second && memberProperties(second)).toBeUndefined();
  });

  test('takes linear time for any input', () => {
    const spaces = ' '.repeat(100_000);
    const started = performance.now();
    for (const text of [
      `a=${spaces}"`,
      `a${spaces}"`,
      `a=1;p${spaces}"`,
      `a=1;${spaces}"`,
      `a=1${spaces},${spaces}"`,
      `${'a=1,'.repeat(50_000)}"`,
    ])
      isBaggage(text);
    // Quadratic time would take minutes here.
    expect(performance.now() - started).toBeLessThan(5_000);
  });
});

describe('properties of the codec', () => {
  test('valid baggage is recognised and comes out unchanged, member by member', () => {
    fc.assert(
      fc.property(baggage, (text) => {
        expect(isBaggage(text)).toBe(true);
        const parts = splitMembers(text, () => expect.fail('a valid member was dropped'));
        expect(isBaggage(joinMembers(parts))).toBe(true);
        expect(parts.map((part) => part.text)).toEqual(
          text.split(',').map((part) => part.replace(/^[ \t]+|[ \t]+$/g, '')),
        );
      }),
      { numRuns: 1000 },
    );
  });

  test('any text: never throws, and what comes out is valid', () => {
    const anything = fc.oneof(fc.string({ unit: 'binary' }), fc.string(), baggage, fc.mixedCase(baggage));
    fc.assert(
      fc.property(fc.array(anything), (texts) => {
        const text = texts.join(',');
        const parts = splitMembers(text);
        for (const part of parts) memberValue(part);
        const out = joinMembers(parts);
        expect(out === '' || isBaggage(out)).toBe(true);
        expect(joinMembers(splitMembers(out))).toBe(out);
      }),
      { numRuns: 2000 },
    );
  });

  test('any value survives encoding; lone surrogates become U+FFFD', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (value) => {
        const encoded = encodeValue(value);
        expect(isMember(`k=${encoded}`)).toBe(true);
        expect(decodeValue(encoded)).toBe(value.toWellFormed());
      }),
    );
  });

  test('decoding any text never throws', () => {
    fc.assert(fc.property(fc.string(), (text) => void decodeValue(text)));
    expect(decodeValue('%E4%zz%')).toBe('\uFFFD%zz%');
  });
});
