import { isFieldValue } from '../baggage/baggage-grammar.js';
import { fitBaggage } from '../baggage/baggage-limits.js';
import { memberValue, splitMembers } from '../baggage/baggage-member.js';
import { reportDrop } from '../channels.js';
import type { CompiledPolicy } from '../policy/compiled-policy.js';
import type { OutgoingHeader } from '../lanes.js';
import { fitHeaders } from './header-limits.js';

/**
 * Compiles the entries of a lane into the headers that are sent: named headers, promoted ones, then `baggage`. Whole entries over the limits
 * are dropped and reported.
 */
export function compileHeaders(
  headers: readonly OutgoingHeader[],
  baggage: string,
  policy: CompiledPolicy,
): readonly OutgoingHeader[] {
  const members = baggage === '' ? '' : fitBaggage(baggage, policy, 'attach');
  const promoted = promoteMembers(headers, members, policy);
  const named = promoted.size === 0 ? headers : [...headers, ...promoted.keys()];
  const fitting = fitHeaders(named, policy, (header) => reportLimit(header[0], promoted.get(header)));
  // The grammar forbids an empty `baggage` (W3C Baggage, section 3.3.1).
  if (members === '') return fitting;
  const sent = fitting.slice();
  sent.push(['baggage', members]);
  return sent;
}

function reportLimit(header: string, key: string | undefined): void {
  reportDrop({ reason: 'limit', direction: 'attach', header, ...(key !== undefined && { key }) });
}

const NONE: ReadonlyMap<OutgoingHeader, string> = new Map();

/** Returns the headers to which members are promoted, each with the key of its member. */
function promoteMembers(
  headers: readonly OutgoingHeader[],
  baggage: string,
  policy: CompiledPolicy,
): ReadonlyMap<OutgoingHeader, string> {
  if (policy.promote.length === 0 || baggage === '') return NONE;
  const members = splitMembers(baggage);
  const promoted = new Map<OutgoingHeader, string>();
  for (const [key, header] of policy.promote) {
    const member = members.findLast((candidate) => candidate.key === key);
    // If two rules promote to one header, the first is used.
    const isThere = [...headers, ...promoted.keys()].some(([name]) => name === header);
    if (member === undefined || isThere) continue;
    const value = memberValue(member);
    // A decoded value may contain anything, CR and LF included. Such a member is sent in baggage only.
    if (value !== '' && isFieldValue(value)) promoted.set([header, value], key);
    else reportDrop({ reason: 'malformed', direction: 'attach', header, key });
  }
  return promoted;
}
