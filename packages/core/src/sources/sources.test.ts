import { describe, expect, test } from 'vitest';
import { drops } from '../headers/capture.fixture.js';
import {
  BASELINE,
  type Carrier,
  type HeaderRecord,
  defineLanes,
  type LanePolicy,
  type Lanes,
  type Sender,
} from '../index.js';

const to = 'http://helloworld';
const rules: LanePolicy = { key: 'version', carry: { headers: ['version'], baggage: ['*'] } };
const all = { cookie: 'lane', query: 'lane', auth: 'lane' };
const lanes = defineLanes(rules, { sources: all });
const member = defineLanes({ key: 'version', carry: { baggage: ['*'] }, sources: all });

const everywhere: [HeaderRecord, Sender] = [{ cookie: 'lane=c' }, { url: '/?lane=q', auth: { lane: 'a' } }];
const capture = (used: Lanes, [headers, from]: [Carrier, Sender]): string =>
  used.capture(headers, from).name ?? 'baseline';

describe('each source', () => {
  test.each<[LanePolicy['sources'], string]>([
    [undefined, 'baseline'],
    [{}, 'baseline'],
    [{ cookie: undefined } as never, 'baseline'],
    [{ cookie: 'lane' }, 'c'],
    [{ query: 'lane' }, 'q'],
    [{ auth: 'lane' }, 'a'],
    [{ cookie: 'lane', query: 'lane' }, 'q'],
    [all, 'a'],
    [{ cookie: 'other', query: 'other', auth: 'other' }, 'baseline'],
  ])('%j', (sources, expected) => {
    const used = defineLanes(rules, sources ? { sources } : {});
    expect(capture(used, everywhere)).toBe(expected);
    if (expected === 'baseline') expect(used.capture(...everywhere)).toBe(BASELINE);
  });

  test('headers and baggage come first', () => {
    const [headers, from] = everywhere;
    expect(capture(lanes, [{ ...headers, version: 'h' }, from])).toBe('h');
    expect(capture(lanes, [{ ...headers, baggage: 'version=b' }, from])).toBe('b');
  });

  test('gives the value of the key, beside what the headers carry, as header or as member', () => {
    const headers = { cookie: 'lane=a%20b', baggage: 'user=1' };
    const sent = (used: Lanes): unknown => used.attach({}, { to, lane: used.capture(headers) });
    expect(sent(lanes)).toEqual({ version: 'a b', baggage: 'user=1' });
    expect(sent(member)).toEqual({ baggage: 'user=1,version=a%20b' });
  });

  test.each<[string, Carrier]>([
    ['Headers', new Headers({ cookie: 'a=1; lane=c' })],
    ['raw headers with several fields', ['Cookie', 'a=1', 'Cookie', 'lane=c']],
    ['pairs', [['COOKIE', 'lane=c']]],
    ['a record of lists', { cookie: ['a=1', 'lane=c'] }],
  ])('reads the cookie of %s', (_name, headers) => {
    expect(capture(lanes, [headers, {}])).toBe('c');
  });

  test.each<[string, Carrier, Sender]>([
    ['no source', {}, {}],
    ['empty values', { cookie: 'lane=' }, { url: '/?lane=', auth: { lane: ' ' } }],
    ['null', {}, { auth: { lane: null } }],
    ['a cookie that is not text', { cookie: { lane: 'c' } }, {}],
    ['a URL that is not text', {}, { url: { lane: 'q' } as never }],
    ['no auth', {}, { auth: null }],
  ])('%s is the baseline, without a drop', (_name, headers, from) => {
    expect(drops(() => expect(lanes.capture(headers, from)).toBe(BASELINE))).toEqual([]);
  });
});

describe('hostile input', () => {
  const megabyte = 'x'.repeat(1_000_000);
  const trap = new Proxy(
    {},
    { get: () => expect.fail('own'), getOwnPropertyDescriptor: () => expect.fail('own') },
  );
  const getter = Object.defineProperty({}, 'lane', { get: () => expect.fail('own') });

  test.each<[string, Sender, string]>([
    ['auth: an object', { auth: { lane: { toString: () => 'a' } } }, 'malformed auth'],
    ['auth: a list', { auth: { lane: ['a'] } }, 'malformed auth'],
    ['auth: a number', { auth: { lane: 2 } }, 'malformed auth'],
    ['auth: a line break', { auth: { lane: 'a\r\nevil: 1' } }, 'malformed auth'],
    ['auth: not Latin-1', { auth: { lane: '雪' } }, 'malformed auth'],
    ['auth: a megabyte', { auth: { lane: megabyte } }, 'limit auth'],
    ['auth: over the limit of headers', { auth: { lane: 'x'.repeat(4096) } }, 'limit auth'],
    ['auth as a whole: a list', { auth: ['lane', 'a'] }, 'malformed auth'],
    ['auth as a whole: text', { auth: 'lane' }, 'malformed auth'],
    ['auth: a getter that throws', { auth: getter }, 'malformed auth'],
    ['auth: a proxy that throws', { auth: trap }, 'malformed auth'],
    ['query: repeated', { url: '/?lane=q&lane=q' }, 'malformed query'],
    ['query: a line break', { url: '/?lane=q%0D%0Aevil:1' }, 'malformed query'],
    ['query: a megabyte', { url: `/?lane=${megabyte}` }, 'limit query'],
  ])('%s is dropped, and the next source is used', (_name, from, expected) => {
    const [reason, source] = expected.split(' ');
    const seen = drops(() => expect(capture(lanes, [{ cookie: 'lane=c' }, from])).toBe('c'));
    expect(seen).toEqual([`capture ${reason} ${source}`]);
    expect(lanes.capture({}, from)).toBe(BASELINE);
  });

  test('cookie: a line break and a megabyte are dropped', () => {
    const seen = drops(() => {
      expect(lanes.capture({ cookie: 'lane=a%0D%0Aevil: 1' })).toBe(BASELINE);
      expect(lanes.capture({ cookie: `lane=${megabyte}` })).toBe(BASELINE);
      expect(lanes.capture({ cookie: `lane=v1; lane=${megabyte}` }).name).toBe('v1');
    });
    expect(seen).toEqual(['capture malformed cookie', 'capture limit cookie']);
  });

  test('a member may have any text, which is encoded, within the limit of baggage', () => {
    const lane = member.capture({}, { auth: { lane: '雪\r\n\uD800' } });
    expect(member.attach({}, { to, lane })).toEqual({ baggage: 'version=%E9%9B%AA%0D%0A%EF%BF%BD' });
    const seen = drops(() => member.capture({}, { auth: { lane: '雪'.repeat(1000) } }));
    expect(seen).toEqual(['capture limit auth']);
  });

  test('prototype keys give no lane', () => {
    const sent = JSON.parse('{"__proto__":{"lane":"a"},"constructor":{"prototype":{"lane":"a"}}}') as object;
    expect(lanes.capture({}, { auth: sent })).toBe(BASELINE);
    expect(lanes.capture({}, { auth: Object.create({ lane: 'a' }) as object })).toBe(BASELINE);
    for (const name of ['__proto__', 'constructor', 'toString']) {
      const odd = defineLanes(rules, { sources: { auth: name, query: name, cookie: name } });
      expect(odd.capture({ cookie: 'a=1' }, { auth: {}, url: '/?a=1' })).toBe(BASELINE);
      expect(odd.capture({}, { auth: JSON.parse(`{"${name}":"v2"}`) as object }).name).toBe('v2');
    }
    expect(({} as { lane?: unknown }).lane).toBeUndefined();
  });
});

describe('trust', () => {
  const strict = defineLanes(rules, { sources: all, trust: ['10.0.0.0/8'] });

  test.each<[Carrier, Sender]>([
    [{ cookie: 'lane=c' }, {}],
    [{}, { url: '/?lane=q' }],
    [{}, { auth: { lane: 'a' } }],
    everywhere,
  ])('a source of an untrusted sender is refused: %j %j', (headers, from) => {
    const seen = drops(() =>
      expect(strict.capture(headers, { address: '11.0.0.1', ...from })).toBe(BASELINE),
    );
    expect(seen).toEqual(['capture untrusted']);
    expect(strict.capture(headers, { address: '10.0.0.1', ...from })).not.toBe(BASELINE);
  });

  test('nothing is reported for other cookies, parameters and properties', () => {
    const seen = drops(() => strict.capture({ cookie: 'a=1' }, { url: '/?a=1', auth: { token: 't' } }));
    expect(seen).toEqual([]);
  });

  test('a function sees the URL and auth', () => {
    const trusting = defineLanes(rules, {
      sources: all,
      trust: ({ url, auth }) => url === '/?lane=q' && (auth as { lane: string }).lane === 'a',
    });
    expect(capture(trusting, everywhere)).toBe('a');
  });

  test('strip and stripUrl remove the cookie and the parameter, and nothing else', () => {
    expect(strict.strip({ cookie: 'a=1; lane=c; b=2', Cookie: 'lane=c', version: 'h' })).toEqual({
      cookie: 'a=1; b=2',
    });
    expect(strict.strip(new Headers({ cookie: 'lane=c; a=1' })).get('cookie')).toBe('a=1');
    expect(strict.strip(['Cookie', 'lane=c', 'Cookie', 'a=1'])).toEqual(['Cookie', 'a=1']);
    expect(strict.stripUrl('/hello?a=1&lane=q')).toBe('/hello?a=1');
    const off = defineLanes(rules);
    const headers = { cookie: 'lane=c' };
    expect(off.strip(headers)).toBe(headers);
    expect(off.stripUrl('/?lane=q')).toBe('/?lane=q');
  });
});
