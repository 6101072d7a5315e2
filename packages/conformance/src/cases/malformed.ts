import { neighboursArrive } from '../judges.js';
import { type ConformanceCase, must, should } from './case.js';

/** What is no list-member, always between two that are. Line breaks and NUL are not here: no HTTP client can send them. */
const KINDS: readonly (readonly [id: string, what: string, ...baggage: string[]])[] = [
  ['malformed-bare', 'a key without an equal sign', 'first=1,garbage,last=2'],
  [
    'malformed-key',
    'a key that is empty or no token',
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
    'a property that is none',
    'first=1,bad=x;,last=2',
    'first=1,bad=x;;p,last=2',
    'first=1,bad=x;=p,last=2',
    'first=1,bad=x;p q,last=2',
  ],
  [
    'malformed-empty',
    'list elements that are empty',
    'first=1,,last=2',
    ',first=1,last=2,',
    'first=1, ,\t,last=2',
  ],
  [
    'malformed-bytes',
    'bytes that are not ASCII',
    'first=1,bad=caf\u00E9,last=2',
    'first=1,caf\u00E9=x,last=2',
    'first=1,bad=\u00FF\u00FE,last=2',
  ],
];

const headers = KINDS.flatMap(([, , ...baggage]) => baggage);

/** What is malformed goes or stays; the request is answered, and its neighbours arrive. */
export const MALFORMED: readonly ConformanceCase[] = [
  must('malformed-answered', {
    title: 'A request with malformed baggage is answered, and makes its calls',
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
      title: `The members beside ${what} arrive`,
      clauses: ['3.5'],
      baggage,
      judge: neighboursArrive,
    }),
  ),
];
