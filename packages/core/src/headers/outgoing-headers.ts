import { isFieldValue } from '../baggage/baggage-grammar.js';
import { fitMembers } from '../baggage/baggage-limits.js';
import {
  countMembers,
  joinMembers,
  MAX_BAGGAGE_BYTES,
  MAX_BAGGAGE_MEMBERS,
  memberValue,
  splitMembers,
} from '../baggage/baggage-member.js';
import { reportDrop } from '../channels.js';
import type { CompiledPolicy } from '../policy/compiled-policy.js';
import type { OutgoingHeader } from '../lanes.js';

/**
 * The most bytes of named and promoted headers together. With the baggage they make three quarters of the 16 KiB of headers that
 * Node's servers accept.
 */
export const MAX_HEADER_BYTES = 4096;

/** The size of headers on the wire, in bytes. */
export function headerBytes(headers: readonly OutgoingHeader[]): number {
  let bytes = 0;
  for (const header of headers) bytes += header[0].length + header[1].length + 4; // `: ` and CR LF
  return bytes;
}

/** Compiles the entries of a lane into the headers that leave: named ones, promoted ones, then `baggage`. */
export function compileHeaders(
  headers: readonly OutgoingHeader[],
  baggage: string,
  policy: CompiledPolicy,
): readonly OutgoingHeader[] {
  if (baggage === '') return headers;
  const fitting = fitBaggage(baggage, policy);
  if (headers.length === 0 && policy.promote.length === 0) return [['baggage', fitting]];
  const leaving = headers.slice();
  if (policy.promote.length > 0) leaving.push(...promoteMembers(headers, fitting, policy));
  leaving.push(['baggage', fitting]);
  return leaving;
}

function promoteMembers(
  headers: readonly OutgoingHeader[],
  baggage: string,
  policy: CompiledPolicy,
): readonly OutgoingHeader[] {
  const members = splitMembers(baggage);
  const promoted: OutgoingHeader[] = [];
  for (const [key, header] of policy.promote) {
    const member = members.findLast((candidate) => candidate.key === key);
    // Of two rules that promote to one header, the first counts.
    const isThere = [...headers, ...promoted].some(([name]) => name === header);
    if (member === undefined || isThere) continue;
    const value = memberValue(member);
    // A decoded value may hold anything, CR and LF included: such a member stays in baggage and becomes no header.
    const isValid = value !== '' && isFieldValue(value);
    const fits = headerBytes([...headers, ...promoted, [header, value]]) <= MAX_HEADER_BYTES;
    if (isValid && fits) promoted.push([header, value]);
    else reportDrop({ reason: isValid ? 'limit' : 'malformed', direction: 'attach', header, key });
  }
  return promoted;
}

/** Drops whole members from a valid baggage-string that is over the limits; returns the same string when it is not. */
function fitBaggage(baggage: string, policy: CompiledPolicy): string {
  if (isWithinLimits(baggage)) return baggage;
  const kept = fitMembers(splitMembers(baggage), policy.isLaneKey, ({ key }) =>
    reportDrop({ reason: 'limit', direction: 'attach', header: 'baggage', key }),
  );
  return joinMembers(kept);
}

/** Whether a baggage-string is within the limits, told without splitting it. */
export function isWithinLimits(baggage: string): boolean {
  if (baggage.length > MAX_BAGGAGE_BYTES) return false;
  // The shortest member, `a=`, takes three bytes with its comma.
  return baggage.length < MAX_BAGGAGE_MEMBERS * 3 || countMembers(baggage) <= MAX_BAGGAGE_MEMBERS;
}
