import { atLeast, onlyWholeArrive } from '../judges.js';
import { type ConformanceCase, info, must, should } from './case.js';

const MEMBERS = 64;
const BYTES = 8192;

/** Returns baggage with this many members and bytes, including commas. The values are letters, so a service never needs to encode them. */
function fill(members: number, bytes: number): string {
  const value = Math.floor((bytes - (members - 1)) / members);
  const texts = Array.from({ length: members }, (_, i) => `k${i}=`.padEnd(value, 'v'));
  const baggage = texts.join(',');
  return baggage.padEnd(bytes, 'w');
}

/** Returns two lines that have exactly this many bytes when they are joined by a comma and a space. */
function fillLines(members: number, bytes: number): readonly string[] {
  const texts = fill(members, bytes - 1).split(',');
  const half = members / 2;
  return [texts.slice(0, half).join(','), texts.slice(half).join(',')];
}

const overMembers = [fill(MEMBERS + 1, 700), fill(100, 1000)];
const overBytes = [fill(MEMBERS, BYTES + 1), fill(40, 9000)];
const overOne = [`first=1,${'big='.padEnd(BYTES + 1, 'v')},last=1`];

/** Everything within the limits arrives; over the limits only whole members are dropped. */
export const LIMITS: readonly ConformanceCase[] = [
  must('below-limits', {
    title: '63 members, 8191 bytes: all arrive',
    clauses: ['3.3.2'],
    baggage: [fill(MEMBERS - 1, BYTES - 1)],
  }),
  must('limit-members', {
    title: '64 members: all arrive',
    clauses: ['3.3.2'],
    baggage: [fill(MEMBERS, 700)],
  }),
  must('limit-bytes', {
    title: 'One member of 8192 bytes arrives',
    clauses: ['3.3.2'],
    baggage: ['k='.padEnd(BYTES, 'v')],
  }),
  must('limit-both', {
    title: '64 members and 8192 bytes: all arrive',
    clauses: ['3.3.2'],
    baggage: [fill(MEMBERS, BYTES)],
  }),
  must('limit-lines', {
    title: '64 members and 8192 bytes in two header lines: all arrive',
    clauses: ['3', '3.3.2'],
    baggage: [fillLines(MEMBERS, BYTES)],
  }),
  must('over-members-whole', {
    title: '65 and 100 members: only whole members are dropped',
    clauses: ['3.3.2'],
    baggage: overMembers,
    judge: onlyWholeArrive,
  }),
  should('over-members-most', {
    title: '65 and 100 members: at least 64 arrive',
    clauses: ['3.3.2'],
    baggage: overMembers,
    judge: atLeast(MEMBERS),
  }),
  must('over-bytes-whole', {
    title: '8193 and 9000 bytes: only whole members are dropped',
    clauses: ['3.3.2'],
    baggage: overBytes,
    judge: onlyWholeArrive,
  }),
  should('over-bytes-most', {
    title: '8193 bytes in 64 members: at least 63 arrive',
    clauses: ['3.3.2'],
    baggage: [overBytes[0] ?? ''],
    judge: atLeast(MEMBERS - 1),
  }),
  must('over-one-whole', {
    title: 'A member of 8193 bytes arrives whole or not at all',
    clauses: ['3.3.2'],
    baggage: overOne,
    judge: onlyWholeArrive,
  }),
  should('over-one-rest', {
    title: 'The members next to one of 8193 bytes arrive',
    clauses: ['3.3.2'],
    baggage: overOne,
    judge: atLeast(2),
  }),
  info('grammar-members', {
    title: '180 members, as many as the grammar allows: all arrive',
    clauses: ['3.3.1', '3.3.2'],
    baggage: [fill(180, 1800)],
  }),
];
