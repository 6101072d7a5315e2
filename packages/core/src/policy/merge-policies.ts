import type { CarryRules, LanePolicy } from './policy.js';

/**
 * Merges policies: lists and promotions add up; of `key` and `trust`, the last one that is given counts.
 *
 * A single policy is returned as it is, wrong or not, and so is what is no policy at all: `compilePolicy` judges it.
 */
export function mergePolicies(policies: readonly LanePolicy[]): LanePolicy {
  const given = policies.filter((policy) => policy !== undefined);
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
  const promote = mergeFields(first.promote, second.promote);
  return {
    ...first,
    ...definedFields(second),
    ...(carry !== undefined && { carry }),
    ...(promote !== undefined && { promote }),
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

/** The fields of both; what is no object, such as `null`, is left to the check of the whole. */
function mergeFields<T extends object>(first: T | undefined, second: T | undefined): T | undefined {
  if (first === undefined || second === undefined) return second === undefined ? first : second;
  if (!isRecord(first) || !isRecord(second)) return isRecord(first) ? second : first;
  return { ...first, ...second };
}

function union(first: readonly string[] = [], second: readonly string[] = []): readonly string[] {
  // What is no list is left to the check of the whole.
  if (!Array.isArray(first) || !Array.isArray(second)) return Array.isArray(first) ? second : first;
  return [...new Set([...first, ...second])];
}

/**
 * Returns the fields of a policy whose value is not `undefined`, and `trust` in any case: `trust: settings.trust` with a setting that
 * does not exist must be refused, not trust everybody.
 */
export function definedFields(policy: LanePolicy): LanePolicy {
  return Object.fromEntries(
    Object.entries(policy).filter(([name, value]) => value !== undefined || name === 'trust'),
  );
}
