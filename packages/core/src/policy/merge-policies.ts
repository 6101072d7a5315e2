import type { CarryRules, LanePolicy } from './policy.js';

/**
 * Merges policies: lists and promotions add up; of `key` and `trust`, the last one that is given counts.
 *
 * A single policy is returned as it is, wrong or not, and so is what is no policy at all: `compilePolicy` judges it.
 */
export function mergePolicies(policies: readonly LanePolicy[]): LanePolicy {
  const given = policies.filter((policy) => policy !== undefined && policy !== null);
  const none = given.find((policy) => !isRecord(policy));
  if (none !== undefined) return none;
  return given.length === 0 ? {} : given.reduce(merge);
}

/** Whether something may be a policy: an object that is no list. */
export function isRecord(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function merge(first: LanePolicy, second: LanePolicy): LanePolicy {
  const carry = mergeCarry(first.carry, second.carry);
  return {
    ...first,
    ...definedFields(second),
    ...(carry && { carry }),
    ...((first.promote ?? second.promote) && { promote: { ...first.promote, ...second.promote } }),
    ...((first.egress ?? second.egress) && { egress: union(first.egress, second.egress) }),
  };
}

function mergeCarry(first: CarryRules | undefined, second: CarryRules | undefined): CarryRules | undefined {
  if (first === undefined || second === undefined) return first ?? second;
  return {
    ...first,
    ...second,
    headers: union(first.headers, second.headers),
    baggage: union(first.baggage, second.baggage),
  };
}

function union(first: readonly string[] = [], second: readonly string[] = []): readonly string[] {
  // What is no list is left to the check of the whole.
  if (!Array.isArray(first) || !Array.isArray(second)) return Array.isArray(first) ? second : first;
  return [...new Set([...first, ...second])];
}

function definedFields(policy: LanePolicy): LanePolicy {
  return Object.fromEntries(Object.entries(policy).filter(([, value]) => value !== undefined));
}
