import { isToken } from '../baggage/baggage-grammar.js';
import { createEgress, type Egress } from './egress.js';
import { matchName, type NameMatcher, parseNameRules } from './name-matcher.js';
import { checkIsPolicy, checkPolicy, isCarriableHeader } from './policy-check.js';
import { type LaneSources, namedSources, NO_SOURCES } from './lane-sources.js';
import { definedFields } from './merge-policies.js';
import type { LanePolicy } from './policy.js';
import { createTrust, type Trusts } from './trust.js';

/** A policy with its rules compiled for the hot path. */
export interface CompiledPolicy {
  readonly source: Required<LanePolicy>;
  readonly key: string;
  /** Whether a header is carried; its name must be in lower case. */
  readonly carriesHeader: NameMatcher;
  /**
   * Returns the name in lower case if the header must be read (carried headers and `baggage`), otherwise `undefined`. Returns `''` for a name
   * that matches a pattern but is not a token: messages of a queue can have such names.
   */
  readonly readsHeader: (name: string) => string | undefined;
  readonly carriesKey: NameMatcher;
  /** Whether every baggage member is carried. Then a valid baggage-string is not split. */
  readonly carriesAllBaggage: boolean;
  /** Whether a baggage key names or routes the lane, so that it is dropped last. */
  readonly isLaneKey: NameMatcher;
  /** Whether a header names or routes the lane, so that it is dropped last; its name must be in lower case. */
  readonly isLaneHeader: NameMatcher;
  /** Bit n is set if a carried header may have n characters (modulo 32). One comparison then excludes most names. */
  readonly lengths: number;
  /** The baggage key and the header in lower case of each promotion. */
  readonly promote: readonly (readonly [key: string, header: string])[];
  readonly egress: Egress;
  /** `undefined` when everyone is trusted. */
  readonly trusts: Trusts | undefined;
  /** `undefined` when no source is named. */
  readonly sources: LaneSources | undefined;
}

/**
 * Adds the defaults to a policy, checks it and compiles it.
 *
 * @throws {LanewayConfigError} when the policy is wrong
 */
export function compilePolicy(policy: LanePolicy): CompiledPolicy {
  checkIsPolicy(policy);
  const { key = 'x-lane' } = policy;
  // Only missing fields get defaults. `null` is a mistake, such as a setting that was not found, and the check rejects it.
  const source: Required<LanePolicy> = {
    key,
    carry: { headers: typeof key === 'string' ? [key] : [], baggage: ['*'] },
    promote: {},
    egress: [],
    trust: 'all',
    propagatorSends: false,
    ...definedFields(policy),
    sources: policy.sources === undefined ? NO_SOURCES : namedSources(policy.sources),
  };
  checkPolicy(policy, source);
  const headers = parseNameRules((source.carry.headers ?? []).map((name) => name.toLowerCase()));
  const baggage = parseNameRules(source.carry.baggage ?? []);
  const matchHeader = matchName(headers);
  const hasPatterns = headers.prefixes.length + headers.suffixes.length > 0;
  const promote = Object.entries(source.promote).map(
    ([member, header]) => [member, header.toLowerCase()] as const,
  );
  const promoted = new Set(promote.map(([member]) => member));
  const carriesHeader = (name: string): boolean => matchHeader(name) && isCarriableHeader(name);
  const readsBaggage = (source.carry.baggage ?? []).length > 0;
  return {
    source,
    key,
    carriesHeader,
    readsHeader: rememberNames((name) => {
      const lower = name.toLowerCase();
      if (lower === 'baggage') return readsBaggage ? lower : undefined;
      if (!carriesHeader(lower)) return undefined;
      return isToken(lower) ? lower : '';
    }),
    carriesKey: matchName(baggage),
    carriesAllBaggage: baggage.all,
    isLaneKey: (name) => name === key || promoted.has(name),
    isLaneHeader: (name) => name === key.toLowerCase() || promote.some(([, header]) => header === name),
    lengths: hasPatterns ? -1 : lengthBits([...headers.exact, 'baggage']),
    promote,
    egress: createEgress(source.egress),
    trusts: createTrust(source.trust),
    sources: source.sources === NO_SOURCES ? undefined : source.sources,
  };
}

const REMEMBERED_NAMES = 1000;

/** Caches the result for each name. The cache is limited, because an untrusted sender can send any number of names. */
function rememberNames(read: (name: string) => string | undefined): (name: string) => string | undefined {
  const known = new Map<string, string | undefined>();
  return (name) => {
    const lower = known.get(name);
    if (lower !== undefined || known.has(name)) return lower;
    const result = read(name);
    if (known.size < REMEMBERED_NAMES) known.set(name, result);
    return result;
  };
}

function lengthBits(names: readonly string[]): number {
  return names.reduce((bits, name) => bits | (1 << (name.length & 31)), 0);
}
