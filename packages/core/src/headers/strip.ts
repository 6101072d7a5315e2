import { joinMembers, MAX_BAGGAGE_BYTES, splitMembers } from '../baggage/baggage-member.js';
import { reportDrop } from '../channels.js';
import { type Carrier, headerText, isIterable } from './carrier.js';
import type { CompiledPolicy } from '../policy/compiled-policy.js';
import { removeCookie } from '../sources/cookie.js';
import { removeParameter } from '../sources/query.js';
import { mapHeaders } from './map-headers.js';

/** Like {@link removeLane}, but never throws: a carrier that cannot be read becomes an empty one. */
export function stripHeaders<C extends Carrier>(carrier: C, policy: CompiledPolicy): C {
  let empty: unknown = {};
  try {
    if (typeof carrier !== 'object' || carrier === null) return carrier;
    if (isIterable(carrier)) empty = [];
    return removeLane(carrier, policy);
  } catch {
    reportDrop({ reason: 'malformed', direction: 'capture' });
    return empty as C;
  }
}

/**
 * Removes from a carrier what a policy carries: named headers, the headers to which members are promoted, baggage members, and the cookie
 * that `sources` names. Other baggage and other cookies stay. A header that cannot be read, such as a getter that throws, is removed.
 *
 * @returns the carrier itself when there is nothing to remove, otherwise a copy of the same shape
 * @throws what the carrier throws when its names are read
 */
export function removeLane<C extends Carrier>(carrier: C, policy: CompiledPolicy): C {
  const promoted = new Set(policy.promote.map(([, header]) => header));
  const cookie = policy.sources?.cookie;
  return mapHeaders(carrier, (name, value) => {
    const lower = name.toLowerCase();
    if (lower === 'baggage') return stripBaggage(value, policy);
    if (policy.carriesHeader(lower) || promoted.has(lower)) return undefined;
    return cookie !== undefined && lower === 'cookie' ? removeCookie(value, cookie) : value;
  }) as C;
}

/** Removes from a request target or a URL the query parameter that `sources` of a policy names. Never throws. */
export function stripUrl(url: string, policy: CompiledPolicy): string {
  const name = policy.sources?.query;
  return name === undefined || typeof url !== 'string' ? url : removeParameter(url, name);
}

function stripBaggage(value: unknown, policy: CompiledPolicy): unknown {
  if (policy.carriesAllBaggage) return undefined;
  let isValid = true;
  const members = splitMembers(headerText(value), () => (isValid = false));
  const kept = members.filter(
    ({ key, text }) => !policy.carriesKey(key) && !policy.isLaneKey(key) && text.length <= MAX_BAGGAGE_BYTES,
  );
  if (kept.length === 0) return undefined;
  return isValid && kept.length === members.length ? value : joinMembers(kept);
}
