import {
  type BaggageMember,
  countMembers,
  joinMembers,
  MAX_BAGGAGE_BYTES,
  MAX_BAGGAGE_MEMBERS,
  splitMembers,
} from './baggage-member.js';
import { type DropMessage, reportDrop } from '../channels.js';
import type { CompiledPolicy } from '../policy/compiled-policy.js';
import { fitEntries } from './fit-entries.js';

/**
 * Drops whole members until the rest fits the limits of W3C Baggage, section 3.3.2; members of the lane are dropped last.
 *
 * @returns `members` itself when everything fits
 */
export function fitMembers(
  members: readonly BaggageMember[],
  isLane: (key: string) => boolean,
  onDrop: (member: BaggageMember) => void,
): readonly BaggageMember[] {
  const limits = {
    maxCount: MAX_BAGGAGE_MEMBERS,
    maxBytes: MAX_BAGGAGE_BYTES + 1, // the first member has no comma before it
    bytesOf: (member: BaggageMember) => member.text.length + 1,
    nameOf: (member: BaggageMember) => member.key,
    isLane,
  };
  return fitEntries(members, limits, onDrop);
}

/** Joins the members that fit the limits to a baggage-string, and reports the others; `''` when none fits. */
export function joinFitting(
  members: readonly BaggageMember[],
  policy: CompiledPolicy,
  direction: DropMessage['direction'],
): string {
  const kept = fitMembers(members, policy.isLaneKey, ({ key }) =>
    reportDrop({ reason: 'limit', direction, header: 'baggage', key }),
  );
  return joinMembers(kept);
}

/** Drops whole members from a valid baggage-string until it fits the limits; returns the same string when it fits. */
export function fitBaggage(
  baggage: string,
  policy: CompiledPolicy,
  direction: DropMessage['direction'],
): string {
  return isWithinLimits(baggage) ? baggage : joinFitting(splitMembers(baggage), policy, direction);
}

/** Whether a baggage-string is within the limits. Does not split it. */
export function isWithinLimits(baggage: string): boolean {
  if (baggage.length > MAX_BAGGAGE_BYTES) return false;
  // The shortest member, `a=`, takes three bytes with its comma.
  return baggage.length < MAX_BAGGAGE_MEMBERS * 3 || countMembers(baggage) <= MAX_BAGGAGE_MEMBERS;
}
