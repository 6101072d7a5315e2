import { expect, test } from 'vitest';
import { defineLanes, LanewayConfigError } from '../index.js';
import { mergePolicies } from './merge-policies.js';

test('lists and promotions are combined; the last key and the last trust are used', () => {
  const merged = mergePolicies([
    { key: 'a', carry: { headers: ['a'], baggage: ['*'] }, promote: { a: 'x-a' }, egress: ['a.example'] },
    { carry: { headers: ['b', 'a'] }, promote: { b: 'x-b' }, egress: ['b.example'], trust: ['10.0.0.1'] },
    { key: 'b', trust: 'none' },
  ]);
  expect(merged).toEqual({
    key: 'b',
    carry: { headers: ['a', 'b'], baggage: ['*'] },
    promote: { a: 'x-a', b: 'x-b' },
    egress: ['a.example', 'b.example'],
    trust: 'none',
  });
});

test('what is left out takes nothing away', () => {
  const policy = { key: 'a', carry: { headers: ['a'] } };
  expect(mergePolicies([policy, {}])).toEqual(policy);
  expect(mergePolicies([{}, policy])).toEqual(policy);
  // As JavaScript and spread options bring it.
  expect(mergePolicies([policy, { key: undefined } as never, undefined as never])).toEqual(policy);
  expect(mergePolicies([])).toEqual({});
});

test('a wrong policy is reported after the merge as well', () => {
  expect(() => defineLanes({ egress: ['http://a'] }, { egress: 'b' as never })).toThrow(LanewayConfigError);
  expect(() => defineLanes({}, { carri: {} } as never)).toThrow(/carri: is not a field of a policy/);
});
