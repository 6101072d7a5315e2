import { propertyOrderKept, theseArrive } from '../judges.js';
import { type ConformanceCase, info, must, should } from './case.js';

export const VALUES: readonly ConformanceCase[] = [
  must('value-octets', {
    title: 'A value may contain every baggage-octet',
    clauses: ['3.3.1', '3.3.1.3'],
    baggage: ["punctuation=!#$&'()*+-./:<=>?@[]^_`{|}~,digits=0123456789,letters=azAZ"],
  }),
  must('value-equals', {
    title: 'An equal sign in a value is part of the value',
    clauses: ['3.3.1.3'],
    baggage: ['a=b=c,padded=YQ==,only==,last=1'],
  }),
  must('value-empty', {
    title: 'An empty value is a value',
    clauses: ['3.3.1', '3.3.1.3'],
    baggage: ['first=,middle=1,last=', 'alone='],
  }),
  must('value-utf8', {
    title: 'Percent-encoded UTF-8 keeps its meaning',
    clauses: ['3.3.1.3'],
    baggage: ['user=Am%C3%A9lie,city=%e6%9d%b1%E4%BA%AC,smile=%F0%9F%98%80'],
  }),
  must('value-encoded', {
    title: 'Characters that must be percent-encoded stay encoded: comma, semicolon, quote, backslash, space',
    clauses: ['3.3.1.3'],
    baggage: ['node=DF%2028,list=a%2Cb%3Dc%3Bd,quoted=%22%5C%22'],
  }),
  must('value-controls', {
    title: 'Percent-encoded control characters stay encoded: no line break gets into a header',
    clauses: ['3.3.1.3'],
    baggage: ['lines=a%0D%0Aevil:%201,zero=%00,last=1'],
  }),
  must('value-percent', {
    title: 'A percent-encoded percent sign is decoded only once',
    clauses: ['3.3.1.3'],
    baggage: ['rate=100%25,twice=%2541,thrice=%252525'],
  }),
  must('value-plus', {
    title: 'A plus sign is a plus sign, not a space (RFC 3986)',
    clauses: ['3.3.1.3'],
    baggage: ['sum=1+1,space=1%201'],
  }),
  must('value-bad-utf8', {
    title: 'Octets that are not valid UTF-8 become U+FFFD or stay; the member arrives',
    clauses: ['3.3.1.3'],
    baggage: ['bad=%FF,cut=a%C3b,surrogate=%ED%A0%80,good=1'],
  }),
  should('value-bad-escape', {
    title: 'The members next to one with an invalid percent escape arrive',
    clauses: ['3.5'],
    baggage: ['before=1,rate=100%,odd=%zz,good=1'],
    judge: theseArrive('before', 'good'),
  }),
  info('value-bad-escape-kept', {
    title: 'A percent sign that does not start an escape arrives',
    clauses: ['3.3.1', '3.3.1.3'],
    baggage: ['rate=100%,odd=%zz,cut=%4,good=1'],
  }),
  must('property-flag', {
    title: 'A property without a value arrives with its member',
    clauses: ['3.3.1.4'],
    baggage: ['user=alice;private,other=1'],
  }),
  must('property-value', {
    title: 'A property with a value arrives with its member',
    clauses: ['3.3.1.4'],
    baggage: ['user=alice;ttl=30,other=1'],
  }),
  must('property-several', {
    title: 'Several properties arrive, each with its member',
    clauses: ['3.3.1.4'],
    baggage: ['key1=value1;property1;property2,key2=value2,key3=value3;a=1;b;c=3'],
  }),
  must('property-ows', {
    title: 'White space around the delimiters of properties is allowed',
    clauses: ['3.3.1.4'],
    baggage: ['key1=value1 ; p = x ;\tq\t,key2 = value2; r=\ty'],
  }),
  must('property-octets', {
    title: 'The value of a property may be empty, encoded, or contain equal signs',
    clauses: ['3.3.1', '3.3.1.4'],
    baggage: ['a=1;empty=;encoded=%2C%3B%20;equals=x=y==,b=1;p=1'],
  }),
  info('property-order', {
    title: 'Properties keep their order, including repeated ones',
    clauses: ['3.3.1.4'],
    baggage: ['a=1;z;y=1;x;y=2'],
    judge: propertyOrderKept,
  }),
];
