import { isRecord } from './is-record.js';
import { namedSources } from './lane-sources.js';
import type { CarryRules, LanePolicy } from './policy.js';

/**
 * Merges policies: lists, promotions and sources are combined; the last `key` and the last `trust` are used.
 *
 * A single policy, or a value that is not a policy, is returned unchanged. `compilePolicy` checks it.
 */
export function mergePolicies(policies: readonly LanePolicy[]): LanePolicy {
  const given = policies.filter((policy) => policy !== undefined);
  const none = given.find((policy) => !isRecord(policy));
  if (none !== undefined) return none;
  return given.length === 0 ? {} : given.reduce(merge);
}

function merge(first: LanePolicy, second: LanePolicy): LanePolicy {
  const carry = mergeCarry(first.carry, second.carry);
  const promote = mergeFields(first.promote, second.promote);
  const sources = mergeFields(first.sources, second.sources && namedSources(second.sources));
  return {
    ...first,
    ...definedFields(second),
    ...(carry !== undefined && { carry }),
    ...(promote !== undefined && { promote }),
    ...(sources !== undefined && { sources }),
    ...((first.egress ?? second.egress) && { egress: union(first.egress, second.egress) }),
  };
}

function mergeCarry(first: CarryRules | undefined, second: CarryRules | undefined): CarryRules | undefined {
  const fields = mergeFields(first, second);
  if (!first || !second || !isRecord(fields)) return fields;
  return {
    ...fields,
    headers: union(first.headers, second.headers),
    baggage: union(first.baggage, second.baggage),
  };
}

/** Returns the fields of both. A value that is not an object, such as `null`, is kept for the check of the policy. */
function mergeFields<T extends object>(first: T | undefined, second: T | undefined): T | undefined {
  if (first === undefined || second === undefined) return second === undefined ? first : second;
  if (!isRecord(first) || !isRecord(second)) return isRecord(first) ? second : first;
  return { ...first, ...second };
}

function union(first: readonly string[] = [], second: readonly string[] = []): readonly string[] {
  // A value that is not an array is kept for the check of the policy.
  if (!Array.isArray(first) || !Array.isArray(second)) return Array.isArray(first) ? second : first;
  return [...new Set([...first, ...second])];
}

/**
 * Returns the fields of a policy whose value is not `undefined`, and `trust` even if it is: `trust: settings.trust` with a missing setting
 * must be rejected, not trust everyone.
 */
export function definedFields(policy: LanePolicy): LanePolicy {
  return Object.fromEntries(
    Object.entries(policy).filter(([name, value]) => value !== undefined || name === 'trust'),
  );
}
