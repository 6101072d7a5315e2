import { expect, test } from 'vitest';
import { type CaseResult, createPrinter } from './index.js';

const FAILED: CaseResult = {
  id: 'member',
  level: 'MUST',
  clauses: ['3.3.2'],
  title: 'One member arrives',
  verdict: 'fail',
  problems: [
    { exchange: 1, why: 'first problem' },
    { exchange: 2, why: 'second problem' },
  ],
  exact: false,
  exchanges: [
    { sent: [], status: 200, arrived: [] },
    { sent: [['baggage', 'a=1']], status: 200, arrived: [[['Baggage', '\u001B[2Ja=2\u0085']], []] },
  ],
};

const print = (result: CaseResult, isTTY = false): string => {
  let printed = '';
  createPrinter({ stream: { isTTY, write: (text: string) => (printed += text) } }).onResult(result);
  return printed;
};

test('prints the first request that failed, and escapes control characters', () => {
  expect(print(FAILED)).toBe(
    [
      'FAIL  MUST    member                 3.3.2             One member arrives  (rewritten)',
      '        sent     baggage: a=1',
      "        arrived  Baggage: '\\x1B[2Ja=2\\x85'",
      '        arrived  no baggage header',
      '        why      first problem',
      '                 and 1 more requests of this case',
      '        clause   https://www.w3.org/TR/2024/CR-baggage-20240530/#limits',
      '',
    ].join('\n'),
  );
});

test('prints one line for a case that passed, and its note', () => {
  expect(print({ ...FAILED, verdict: 'pass', problems: [], exact: true, note: 'odd' })).toBe(
    'pass  MUST    member                 3.3.2             One member arrives\n        note     odd\n',
  );
});

test('shortens long values', () => {
  const line = `a=${'x'.repeat(8190)}`;
  const exchanges = [
    { sent: [], status: 200, arrived: [] },
    { sent: [['baggage', line] as const], status: 200, arrived: [] },
  ];
  expect(print({ ...FAILED, exchanges })).toMatch(/sent {5}baggage: a=x{78}… \(8192 bytes\)\n/);
});
