import { expect, test } from 'vitest';
import { attachedHeaders, type Carrier, defineLanes, detachHeaders } from '../index.js';

const lanes = defineLanes({ key: 'version', carry: { headers: ['version'], baggage: ['*'] } });
const lane = lanes.capture({ version: 'v2', baggage: 'a=1' });
const attach = (headers: Carrier | undefined): Carrier | undefined =>
  lanes.attach(headers, { to: 'localhost', lane });
const roundTrip = (headers: Carrier): Carrier | undefined => {
  const after = attach(headers);
  return detachHeaders(after, attachedHeaders(headers, after));
};

test.each<[string, Carrier]>([
  ['a record', { accept: '*/*' }],
  ['a record with baggage', { Baggage: 'caller=1' }],
  ['a record with two spellings and a list', { Baggage: 'caller=1', baggage: 'other=1', accept: ['a', 'b'] }],
  ['a record with the name of an inherited method', { constructor: 'caller' }],
  ['pairs', [['accept', '*/*']]],
  ['pairs with baggage', [['baggage', 'caller=1']]],
  ['names and values in turn', ['accept', '*/*', 'baggage', 'caller=1']],
  ['Headers', new Headers({ accept: '*/*', baggage: 'caller=1' })],
  ['a Map', new Map([['accept', '*/*']])],
])('removes what attach added: %s', (_, headers) => {
  const before = JSON.stringify(
    headers instanceof Headers || headers instanceof Map ? [...headers] : headers,
  );
  expect(roundTrip(headers)).toEqual(headers);
  expect(JSON.stringify(headers instanceof Headers || headers instanceof Map ? [...headers] : headers)).toBe(
    before,
  );
});

test('headers to which nothing was attached stay the same object', () => {
  const headers = { version: 'caller', baggage: 'a=caller' };
  expect(attachedHeaders(headers, attach(headers))).toEqual([]);
  expect(detachHeaders(headers, attachedHeaders({}, attach({})))).toBe(headers);
  expect(detachHeaders(undefined, attachedHeaders({}, attach({})))).toBeUndefined();
});

test('a header that was changed or removed since then stays so', () => {
  const attached = attachedHeaders({}, attach({}));
  expect(attached.map(({ name }) => name)).toEqual(['version', 'baggage']);
  expect(detachHeaders({ Version: 'v2', baggage: 'a=1,b=2' }, attached)).toEqual({ baggage: 'a=1,b=2' });
});
