import type { HeaderLine } from '../exchange.js';
import {
  allArrive,
  every,
  type Judge,
  keysArrive,
  noMoreThanWithout,
  noneOfOthers,
  noneTwice,
  perCall,
} from '../judges.js';
import { type ConformanceCase, info, must, probe, should } from './case.js';

const REQUESTS = 50;

const NOTHING = { lines: [], calls: 1 };

/** Judges the header lines themselves. Fails when no line arrives. */
function linesAre(findProblem: (lines: readonly HeaderLine[]) => string | undefined): Judge {
  return perCall((_sent, _arrived, lines) => {
    const problem = lines.length === 0 ? 'no baggage header arrived' : findProblem(lines);
    return problem === undefined ? [] : [problem];
  });
}

/** The service propagates baggage at all, to every call, of the right request, in the right header. */
export const PROPAGATION: readonly ConformanceCase[] = [
  must('member', {
    title: 'One member arrives',
    clauses: ['3.3.2'],
    baggage: ['user=alice'],
  }),
  must('members', {
    title: 'Several members arrive',
    clauses: ['3.3.2'],
    baggage: ['user=alice,node=df-28,production=false'],
  }),
  {
    ...must('two-calls', {
      title: 'Every call that a request makes carries its baggage',
      clauses: ['3', '3.3.2'],
      baggage: [],
    }),
    probes: [probe('user=alice,production=false', 3)],
  },
  {
    ...must('interleaved', {
      title: `${REQUESTS} interleaved requests: each call carries the baggage of its own request`,
      clauses: ['2', '3.3.2'],
      baggage: [],
      judge: every(allArrive, noneOfOthers),
    }),
    interleaved: true,
    probes: Array.from({ length: REQUESTS }, (_, i) => probe(`request=${i},only-${i}=1`, 2)),
  },
  {
    ...must('absent', {
      title: 'A request without baggage carries no baggage of the previous request',
      clauses: ['2'],
      baggage: [],
      judge: noneOfOthers,
    }),
    probes: [probe('before=1'), NOTHING, probe('between=1'), NOTHING],
  },
  {
    ...info('absent-none', {
      title: 'For a request without baggage, no baggage header is sent',
      clauses: ['3.5'],
      baggage: [],
      judge: perCall((_sent, _arrived, lines) => (lines.length === 0 ? [] : ['a baggage header arrived'])),
    }),
    probes: [NOTHING],
  },
  {
    ...must('empty', {
      title: 'A request with an empty header is answered, and no member arrives',
      clauses: ['3.3.1'],
      baggage: [],
      judge: noMoreThanWithout,
    }),
    probes: [NOTHING, probe(''), probe(['', ''])],
  },
  must('lines', {
    title: 'Several header lines form one list: all their members arrive',
    clauses: ['3'],
    baggage: [['user=alice', 'node=df-28,production=false', 'last=1']],
  }),
  {
    ...must('name-case', {
      title: 'The header name is not case-sensitive (RFC 7230, section 3.2)',
      clauses: ['3.1'],
      baggage: [],
    }),
    probes: ['Baggage', 'BAGGAGE', 'bAgGaGe'].map((name) => ({ lines: [[name, 'user=alice']], calls: 1 })),
  },
  should('name-lower', {
    title: 'The header name is sent in lower case',
    clauses: ['3.1'],
    baggage: ['user=alice'],
    judge: linesAre((lines) => {
      const other = lines.find(([name]) => name !== 'baggage');
      return other && `the header arrived as ${JSON.stringify(other[0])}`;
    }),
  }),
  should('no-duplicates', {
    title: 'No member is sent twice',
    clauses: ['3.3.1.1'],
    baggage: ['user=alice,production=false'],
    judge: every(keysArrive, noneTwice),
  }),
  info('one-line', {
    title: 'One header line is sent, not several',
    clauses: ['3'],
    baggage: ['user=alice', ['user=alice', 'production=false']],
    judge: linesAre((lines) => (lines.length > 1 ? `${lines.length} header lines arrived` : undefined)),
  }),
];
