import { isBaggage } from '../baggage/baggage-grammar.js';
import { joinMembers, splitMembers } from '../baggage/baggage-member.js';
import { type Carrier, headerText } from './carrier.js';
import type { CompiledPolicy } from '../policy/compiled-policy.js';
import { mapHeaders } from './map-headers.js';

/**
 * Takes out of a carrier what a policy carries: named headers, the headers that members are promoted to, and baggage members. Baggage
 * that the policy does not carry stays, as it is not the lane's.
 *
 * @returns the carrier itself when there is nothing of that, else a copy of the same shape
 */
export function stripHeaders<C extends Carrier>(carrier: C, policy: CompiledPolicy): C {
  const promoted = new Set(policy.promote.map(([, header]) => header));
  return mapHeaders(carrier, (name, value) => {
    const lower = name.toLowerCase();
    if (lower === 'baggage') return stripBaggage(value, policy);
    return policy.carriesHeader(lower) || promoted.has(lower) ? undefined : value;
  }) as C;
}

function stripBaggage(value: unknown, policy: CompiledPolicy): unknown {
  if (policy.carriesAllBaggage) return undefined;
  const text = headerText(value);
  const members = splitMembers(text, () => {});
  const kept = members.filter(({ key }) => !policy.carriesKey(key) && !policy.isLaneKey(key));
  if (kept.length === members.length && isBaggage(text)) return value;
  return kept.length === 0 ? undefined : joinMembers(kept);
}
