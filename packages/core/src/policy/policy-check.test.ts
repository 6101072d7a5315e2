import { describe, expect, test } from 'vitest';
import { lanesFromEnvironment, policyFromEnvironment } from '../default-lanes.js';
import {
  defaultLanes,
  defineLanes,
  type LanePolicy,
  LanewayAdapterError,
  LanewayConfigError,
  lanesFor,
} from '../index.js';

const problems = (policy: LanePolicy): string[] => {
  try {
    defineLanes(policy);
  } catch (error) {
    expect(error).toBeInstanceOf(LanewayConfigError);
    const { code, problems: found, message } = error as LanewayConfigError;
    expect(code).toBe('ERR_LANEWAY_CONFIG');
    for (const problem of found) {
      expect(message).toContain(`${problem.path}: ${problem.message} ${problem.remedy}`);
      expect(problem.remedy).not.toBe('');
    }
    return found.map(({ path }) => path);
  }
  return [];
};

describe('a wrong policy is rejected at start-up', () => {
  test.each<[string, unknown]>([
    ['a text', 'version'],
    ['null, such as a setting that was not found', null],
    ['a number', 5],
    ['a bigint', 5n],
    ['a list', [{ key: 'version' }]],
    ['a function', () => ({})],
  ])('%s is not a policy', (_name, given) => {
    expect(problems(given as LanePolicy)).toEqual(['policy']);
    expect(() => defineLanes({}, given as LanePolicy)).toThrow(LanewayConfigError);
  });

  test('all problems at once, each with its remedy', () => {
    expect(
      problems({
        key: 'missing',
        carry: { headers: ['a b', '*', 'baggage', 'host', 'x*y*'], baggage: ['sp ace'] },
        promote: { 'x y': 'ok', tag: 'content-length' },
        egress: ['http://a.example', '*', 'a.example:80', 'a.*.example', '10.0.0.0/33', 'ok.example', ''],
      }),
    ).toEqual([
      'carry.headers[0]',
      'carry.headers[1]',
      'carry.headers[2]',
      'carry.headers[3]',
      'carry.headers[4]',
      'carry.baggage[0]',
      'promote["x y"]',
      'promote["tag"]',
      'egress[0]',
      'egress[1]',
      'egress[2]',
      'egress[3]',
      'egress[4]',
      'egress[6]',
    ]);
  });

  test('values of a wrong shape, as JavaScript may bring them', () => {
    expect(problems({ key: 1, egress: 'a.example', carry: { headers: 'version' } } as never)).toEqual([
      'carry.headers',
      'egress',
      'key',
    ]);
    expect(problems({ headers: ['x'], carry: { header: ['x'] }, egres: [], key: 1 } as never)).toEqual([
      'headers',
      'egres',
      'carry.header',
      'key',
    ]);
    expect(problems({ key: 'missing', carry: { headers: ['version'] } })).toEqual(['key']);
    expect(problems({ promote: ['x'] } as never)).toEqual(['promote']);
    expect(problems({ key: 'no token', carry: { headers: ['version'] } })).toEqual(['key']);
  });

  test.each<LanePolicy>([
    {},
    { key: 'version', carry: { headers: ['Version', 'appver*', '*-lane'] } },
    { key: 'sd-routing-key', carry: { baggage: ['sd-*'] }, promote: { 'sd-routing-key': 'X-Lane' } },
    { egress: ['*.prod.example', '10.0.0.0/8', '::1', '2001:db8::/32', 'api.example'] },
  ])('%j is right', (policy) => expect(problems(policy)).toEqual([]));
});

describe('the environment', () => {
  test('nothing set: all baggage and the header x-lane', () => {
    expect(defineLanes(policyFromEnvironment({})).policy).toEqual(defineLanes().policy);
  });

  test('each variable', () => {
    const policy = policyFromEnvironment({
      LANEWAY_KEY: 'version',
      LANEWAY_HEADERS: 'version, appver*',
      LANEWAY_BAGGAGE: 'sd-*',
      LANEWAY_PROMOTE: 'a=b, c=d',
      LANEWAY_EGRESS: '*.prod.example,203.0.113.0/24',
      LANEWAY_TRUST: '10.0.0.0/8',
      LANEWAY_SOURCES: 'cookie:lane, auth:lane',
    });
    expect(policy).toEqual({
      key: 'version',
      carry: { headers: ['version', 'appver*'], baggage: ['sd-*'] },
      promote: { a: 'b', c: 'd' },
      egress: ['*.prod.example', '203.0.113.0/24'],
      trust: ['10.0.0.0/8'],
      sources: { cookie: 'lane', auth: 'lane' },
      propagatorSends: false,
    });
    expect(policyFromEnvironment({ LANEWAY_KEY: 'version' }).carry).toEqual({
      headers: ['version'],
      baggage: ['*'],
    });
  });

  test('problems name the variable', () => {
    const wrong = {
      LANEWAY_KEY: 'version',
      LANEWAY_HEADERS: 'x-lane',
      LANEWAY_BAGGAGE: 'a b',
      LANEWAY_EGRESS: 'https://x',
    };
    expect(() => lanesFromEnvironment(wrong)).toThrow(
      /3 problems[^]*LANEWAY_BAGGAGE\[0\][^]*LANEWAY_KEY[^]*Add it to LANEWAY_HEADERS or LANEWAY_BAGGAGE[^]*LANEWAY_EGRESS\[0\]/,
    );
    expect(lanesFromEnvironment({ LANEWAY_KEY: 'version' }).capture({ version: 'v2' }).name).toBe('v2');
  });

  test('an adapter rejects a policy in place of lanes', () => {
    expect(() => lanesFor('expressLane', { key: 'version' } as never)).toThrow(LanewayAdapterError);
    expect(lanesFor('expressLane', undefined)).toBe(defaultLanes());
  });

  test('a promotion that is not a pair', () => {
    expect(() => policyFromEnvironment({ LANEWAY_PROMOTE: 'a,b=c=d' })).toThrow(/2 problems[^]*key=header/);
  });
});
