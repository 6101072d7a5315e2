import { countsKept, duplicatesInOrder, every, keysArrive, keysInOrder } from '../judges.js';
import { type ConformanceCase, info, must, should } from './case.js';

const duplicates = ['user=first;p,other=1,user=second,user=third;p=x'];

/** Keys, white space, duplicates and order. */
export const MEMBERS: readonly ConformanceCase[] = [
  must('key-token', {
    title: 'A key may contain every token character',
    clauses: ['3.3.1.2'],
    // Without the percent sign, which the next case sends.
    baggage: ["!#$&'*+-.^_`|~=1,0123456789=2,azAZ=3"],
  }),
  must('key-percent', {
    title: 'A percent sign in a key is part of the key, never decoded',
    clauses: ['3.3.1.2'],
    baggage: ['a%41=1,b%2Cc=2,d%20=3,e%=4'],
  }),
  must('key-case', {
    title: 'A key keeps its upper and lower case',
    clauses: ['3.3.1.2'],
    baggage: ['userId=1,USERNAME=2,Node=3'],
  }),
  must('key-integer', {
    title: 'Keys that look like integers arrive',
    clauses: ['3.3.1.2'],
    baggage: ['2=b,0=a,10=c,007=d'],
  }),
  must('key-builtin', {
    title: 'Keys with a meaning in programming languages arrive: __proto__, constructor',
    clauses: ['3.3.1.2'],
    baggage: ['__proto__=1,constructor=2,toString=3,hasOwnProperty=4,None=5,null=6'],
  }),
  must('ows-space', {
    title: 'Spaces around delimiters are allowed and are not part of key or value',
    clauses: ['3.3.1.2', '3.3.1.3'],
    baggage: ['user =   alice', 'node = df-28 , production =  false,last= 1'],
  }),
  must('ows-tab', {
    title: 'Tabs around delimiters are allowed and are not part of key or value',
    clauses: ['3.3.1.2', '3.3.1.3'],
    baggage: ['user\t=\talice\t,\tproduction \t=\t false'],
  }),
  must('duplicate-keys', {
    title: 'A key that was sent several times arrives',
    clauses: ['3.3.1.1', '3.5'],
    baggage: duplicates,
    judge: keysArrive,
  }),
  should('duplicate-order', {
    title: 'Duplicates that arrive keep the order in which they were sent',
    clauses: ['3.3.1.1'],
    baggage: ['user=first,user=second,user=third'],
    judge: every(keysArrive, duplicatesInOrder),
  }),
  info('duplicate-all', {
    title: 'All duplicates arrive',
    clauses: ['3.3.1.1', '3.5'],
    baggage: duplicates,
    judge: countsKept,
  }),
  info('order', {
    title: 'Members keep their order',
    clauses: ['3.3.1.1'],
    baggage: ['delta=1,alpha=2,charlie=3,bravo=4'],
    judge: every(keysArrive, keysInOrder),
  }),
  info('order-integer', {
    title: 'Members keep their order when keys look like integers',
    clauses: ['3.3.1.1'],
    baggage: ['delta=1,2=b,alpha=2,0=a,10=c,1=d'],
    judge: every(keysArrive, keysInOrder),
  }),
];
