import { isWithinLimits, joinFitting } from './baggage-limits.js';
import { joinMembers, splitMembers } from './baggage-member.js';
import { headerText } from '../headers/carrier.js';
import type { CompiledPolicy } from '../policy/compiled-policy.js';

/**
 * Merges the lane's baggage into the caller's: the caller's baggage comes first, unchanged, then the lane's members whose key the caller
 * did not set.
 *
 * @returns `existing` itself when it has every key of the lane and is a single line
 */
export function mergeBaggage(existing: unknown, lane: string, policy: CompiledPolicy): unknown {
  if (existing === lane) return existing;
  const text = headerText(existing);
  const members = splitMembers(text);
  const keys = new Set(members.map(({ key }) => key));
  const added = splitMembers(lane).filter(({ key }) => !keys.has(key));
  if (added.length === 0) return Array.isArray(existing) && existing.length > 1 ? text : existing;
  if (text.trim() === '') return lane;
  const merged = `${text},${joinMembers(added)}`;
  return isWithinLimits(merged) ? merged : joinFitting([...members, ...added], policy, 'attach');
}
