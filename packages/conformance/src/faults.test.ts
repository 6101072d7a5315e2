// Every fault fails exactly the expected cases, and every case is failed by at least one fault, so no case is useless.
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { checkService, listCases } from './index.js';
import { type ServiceProcess, startService } from './service-process.fixture.js';

const allBut = (passing: string): string =>
  listCases()
    .map(({ id }) => id)
    .filter((id) => !passing.split(' ').includes(id))
    .join(' ');

const EXPECTED: Readonly<Record<string, string>> = {
  none: '',
  'sends nothing': allBut(
    'absent absent-none empty over-members-whole over-bytes-whole over-one-whole malformed-answered',
  ),
  'sends the first member only': allBut(
    'member absent absent-none empty name-case name-lower one-line limit-bytes over-members-whole over-bytes-whole over-one-whole duplicate-order property-order malformed-answered',
  ),
  'carries on the first call only': 'two-calls interleaved',
  'keeps the baggage in a variable of the process': 'interleaved',
  'keeps the last baggage when there is none': 'absent absent-none',
  'adds the baggage of the last request':
    'interleaved absent lines no-duplicates limit-members limit-lines over-members-whole over-bytes-whole duplicate-order duplicate-all value-empty property-value property-ows',
  'adds a member': 'absent-none',
  'answers 500 to an empty header': 'empty',
  'makes a member of an empty header': 'empty',
  'reads the first line only': 'lines limit-lines',
  'reads the last line only': 'lines limit-lines',
  'recognizes the header only in lower case': 'name-case',
  'writes the header in upper case': 'name-lower',
  'appends a second header': 'no-duplicates one-line duplicate-order duplicate-all',
  'writes a line for each member': 'one-line',
  'keeps 62 members':
    'below-limits limit-members limit-both limit-lines over-members-most over-bytes-most grammar-members',
  'keeps 63 members': 'limit-members limit-both limit-lines over-members-most grammar-members',
  'keeps 64 members': 'grammar-members',
  'drops everything above 64 members': 'over-members-most grammar-members',
  'cuts what is above 64 members in the middle of one': 'over-members-whole grammar-members',
  'drops everything from 8192 bytes on': 'limit-bytes limit-both over-bytes-most over-one-rest',
  'drops everything above 8192 bytes': 'over-bytes-most over-one-rest',
  'cuts at 8192 bytes': 'over-bytes-whole over-one-whole over-one-rest',
  'cuts a member at 8192 bytes': 'over-one-whole',
  'ends at the first member that does not fit': 'over-one-rest',
  'counts the limits twice for two lines': 'limit-lines',
  'accepts only word characters in keys': 'key-token key-percent',
  'decodes keys': 'key-percent',
  'writes keys in lower case': 'key-token key-percent key-case key-builtin',
  'reads integer keys as numbers': 'key-token key-integer',
  'keeps members in an object': 'key-builtin duplicate-all order-integer',
  'drops members with white space': 'ows-space ows-tab property-ows',
  'accepts spaces but not tabs': 'ows-tab property-ows',
  'treats white space as part of the key': 'ows-space ows-tab property-ows',
  'drops every duplicate': 'duplicate-keys duplicate-order duplicate-all',
  'keeps the last duplicate': 'duplicate-all',
  'reverses the order': 'duplicate-order order order-integer',
  'sorts by key': 'order order-integer',
  'accepts only unreserved characters in values': 'value-octets value-equals value-controls value-plus',
  'ends a value at an equal sign': 'value-octets value-equals',
  'drops empty values': 'value-empty',
  'decodes as Latin-1': 'value-utf8 value-bad-utf8',
  'decodes and does not encode': 'value-utf8 value-encoded value-controls value-percent value-plus',
  'encodes without decoding':
    'value-utf8 value-encoded value-controls value-percent value-plus value-bad-utf8',
  'decodes twice': 'value-percent',
  'drops control characters': 'value-controls',
  'reads values as forms': 'value-octets value-plus',
  'drops members that do not decode': 'value-bad-utf8 value-bad-escape-kept',
  'drops everything when a member does not decode': 'value-bad-utf8 value-bad-escape value-bad-escape-kept',
  'rewrites values in another encoding': '',
  'drops properties':
    'property-flag property-value property-several property-ows property-octets property-order',
  'drops properties without a value': 'property-flag property-several property-ows property-order',
  'drops properties with a value':
    'property-value property-several property-ows property-octets property-order',
  'keeps the first property': 'property-several property-ows property-octets property-order',
  'drops properties with white space': 'property-ows',
  'ends the value of a property at an equal sign': 'property-octets',
  'ignores the empty value of a property': 'property-octets',
  'sorts properties': 'property-order',
  'gives all properties to the last member':
    'property-flag property-value property-several property-ows property-octets malformed-property',
  'answers 500 when something is malformed':
    'empty malformed-answered malformed-bare malformed-key malformed-space malformed-quote malformed-property malformed-empty malformed-bytes',
  'answers 500 when nothing is well formed': 'empty malformed-answered',
  'drops everything when an equal sign is missing': 'malformed-bare malformed-quote',
  'drops everything when a key is not a token': 'malformed-key',
  'drops everything when a value has white space': 'malformed-space',
  'drops everything when there are quotes': 'malformed-quote',
  'drops everything when a property is invalid': 'malformed-property',
  'drops everything when an element is empty': 'malformed-empty',
  'drops everything when a byte is not ASCII': 'malformed-bytes',
};

let service: ServiceProcess;
beforeAll(async () => {
  const file = fileURLToPath(new URL('service.fixture.mjs', import.meta.url));
  service = await startService(process.execPath, [file]);
});
afterAll(() => service.stop());

test.each(Object.entries(EXPECTED))('%s', async (fault, expected) => {
  const { cases, conformant } = await checkService(`${service.url}/${encodeURIComponent(fault)}`);
  const failed = cases.filter(({ verdict }) => verdict === 'fail');
  expect(failed.map(({ id }) => id)).toEqual(expected.split(' ').filter(Boolean));
  expect(conformant).toBe(failed.every(({ level }) => level !== 'MUST'));
  for (const { problems } of failed) expect(problems[0]?.why).toMatch(/./);
});

test('every case is failed by at least one fault', () => {
  const failed = new Set(Object.values(EXPECTED).flatMap((ids) => ids.split(' ')));
  expect(listCases().filter(({ id }) => !failed.has(id))).toEqual([]);
});

test('unchanged members are counted as byte for byte; another encoding of the same value is rewritten, not a failure', async () => {
  const right = await checkService(`${service.url}/none`);
  expect(right.exact.failed).toBe(0);
  const rewriting = await checkService(
    `${service.url}/${encodeURIComponent('rewrites values in another encoding')}`,
  );
  expect(rewriting.conformant).toBe(true);
  expect(rewriting.exact.failed).toBeGreaterThan(5);
});
