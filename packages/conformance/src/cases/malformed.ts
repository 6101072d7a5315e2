import { neighboursArrive } from '../judges.js';
import { type ConformanceCase, must, should } from './case.js';

/** Malformed members, each between two valid ones. Line breaks and NUL are missing because no HTTP client can send them. */
const KINDS: readonly (readonly [id: string, what: string, ...baggage: string[]])[] = [
  ['malformed-bare', 'a key without an equal sign', 'first=1,garbage,last=2'],
  [
    'malformed-key',
    'a key that is empty or not a token',
    'first=1,=x,last=2',
    'first=1,a(b)=x,last=2',
    'first=1,a b=x,last=2',
  ],
  ['malformed-space', 'white space in a value', 'first=1,bad=x y,last=2', 'first=1,bad=x\ty,last=2'],
  [
    'malformed-quote',
    'quotes or a backslash in a value',
    'first=1,bad="x",last=2',
    'first=1,bad="x, y",last=2',
    'first=1,bad=x\\y,last=2',
  ],
  [
    'malformed-property',
    'an invalid property',
    'first=1,bad=x;,last=2',
    'first=1,bad=x;;p,last=2',
    'first=1,bad=x;=p,last=2',
    'first=1,bad=x;p q,last=2',
  ],
  ['malformed-empty', 'empty list elements', 'first=1,,last=2', ',first=1,last=2,', 'first=1, ,\t,last=2'],
  [
    'malformed-bytes',
    'bytes that are not ASCII',
    'first=1,bad=caf\u00E9,last=2',
    'first=1,caf\u00E9=x,last=2',
    'first=1,bad=\u00FF\u00FE,last=2',
  ],
];

const headers = KINDS.flatMap(([, , ...baggage]) => baggage);

/** A service may keep or drop malformed members. It answers the request, and the valid members arrive. */
export const MALFORMED: readonly ConformanceCase[] = [
  must('malformed-answered', {
    title: 'A request with malformed baggage is answered and makes its calls',
    clauses: ['3.5'],
    baggage: [
      ...headers,
      'garbage',
      '=',
      ';',
      ',',
      '=,;=',
      '%',
      '"',
      '\u00FF',
      'x'.repeat(4096),
      ';'.repeat(512),
      ','.repeat(512),
    ],
    judge: () => [],
  }),
  ...KINDS.map(([id, what, ...baggage]) =>
    should(id, {
      title: `The members next to ${what} arrive`,
      clauses: ['3.5'],
      baggage,
      judge: neighboursArrive,
    }),
  ),
];
