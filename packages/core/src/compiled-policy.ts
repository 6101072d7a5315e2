import { createEgress, type Egress } from './egress.js';
import { matchName, type NameMatcher, parseNameRules } from './name-matcher.js';
import { checkPolicy, isCarriableHeader } from './policy-check.js';
import type { LanePolicy } from './policy.js';

/** A policy made ready for the hot path. */
export interface CompiledPolicy {
  readonly source: Required<LanePolicy>;
  readonly key: string;
  /** Takes a header name in lower case. */
  readonly carriesHeader: NameMatcher;
  readonly carriesKey: NameMatcher;
  /** Whether every baggage member is carried, so that a valid baggage-string needs no splitting. */
  readonly carriesAllBaggage: boolean;
  /** Whether a baggage key names or routes the lane, so that it is dropped last. */
  readonly isLaneKey: NameMatcher;
  /** Bit n is set when a carried header may have n characters (mod 32): rules out most names at once. */
  readonly lengths: number;
  /** Baggage key and header, in lower case. */
  readonly promote: readonly (readonly [key: string, header: string])[];
  readonly egress: Egress;
}

/**
 * Fills in the defaults of a policy, checks it and makes it ready.
 *
 * @throws {LanewayConfigError} when the policy is wrong
 */
export function compilePolicy(policy: LanePolicy): CompiledPolicy {
  const key = policy.key ?? 'x-lane';
  const source: Required<LanePolicy> = {
    key,
    carry: policy.carry ?? { headers: [key], baggage: ['*'] },
    promote: policy.promote ?? {},
    egress: policy.egress ?? [],
  };
  checkPolicy(policy, source);
  const headers = parseNameRules((source.carry.headers ?? []).map((name) => name.toLowerCase()));
  const baggage = parseNameRules(source.carry.baggage ?? []);
  const matchHeader = matchName(headers);
  const patterns = headers.prefixes.length + headers.suffixes.length > 0;
  const promoted = new Set(Object.keys(source.promote));
  return {
    source,
    key,
    carriesHeader: patterns ? (name) => matchHeader(name) && isCarriableHeader(name) : matchHeader,
    carriesKey: matchName(baggage),
    carriesAllBaggage: baggage.all,
    isLaneKey: (name) => name === key || promoted.has(name),
    lengths: patterns ? -1 : lengthBits([...headers.exact, 'baggage']),
    promote: Object.entries(source.promote).map(([member, header]) => [member, header.toLowerCase()] as const),
    egress: createEgress(source.egress),
  };
}

function lengthBits(names: readonly string[]): number {
  return names.reduce((bits, name) => bits | (1 << (name.length & 31)), 0);
}
