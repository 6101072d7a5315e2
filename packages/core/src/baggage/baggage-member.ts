import { isMember, isToken } from './baggage-grammar.js';
import { decodeValue } from './percent.js';

/** One list-member of a baggage-string, kept as the text that was received. */
export interface BaggageMember {
  /** The key as received: a token, never decoded. */
  readonly key: string;
  /** The whole member, key to last property, without white space around it. */
  readonly text: string;
}

/** The largest baggage-string that is sent, in bytes (W3C Baggage, section 3.3.2; it is all ASCII). */
export const MAX_BAGGAGE_BYTES = 8192;

/** The most members of a baggage-string that is sent (W3C Baggage, section 3.3.1: one and up to 179 more). */
export const MAX_BAGGAGE_MEMBERS = 180;

/** Removes optional white space (RFC 9110, section 5.6.3: space and tab) around a text. */
export function trimOws(text: string): string {
  const first = text.charCodeAt(0);
  const last = text.charCodeAt(text.length - 1);
  if (first !== 0x20 && first !== 0x09 && last !== 0x20 && last !== 0x09) return text;
  return trimEnds(text);
}

function trimEnds(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && isOws(text.charCodeAt(start))) start++;
  while (end > start && isOws(text.charCodeAt(end - 1))) end--;
  return text.slice(start, end);
}

function isOws(code: number): boolean {
  return code === 0x20 || code === 0x09;
}

/**
 * Splits a baggage-string into its valid members, in order, duplicates included.
 *
 * Skips empty list elements (RFC 9110, section 5.6.1.2), and calls `onMalformed` for other elements that are not members. If a member is
 * longer than {@link MAX_BAGGAGE_BYTES}, only its key is checked, because the limits drop it.
 */
export function splitMembers(text: string, onMalformed?: (text: string) => void): BaggageMember[] {
  const members: BaggageMember[] = [];
  for (const element of text.split(',')) {
    const candidate = trimOws(element);
    if (candidate === '') continue;
    // A regular expression needs more stack for longer texts; for megabytes it throws a RangeError.
    const isValid = candidate.length > MAX_BAGGAGE_BYTES ? startsMember(candidate) : isMember(candidate);
    if (isValid) members.push({ key: keyOf(candidate), text: candidate });
    else onMalformed?.(candidate);
  }
  return members;
}

function startsMember(text: string): boolean {
  const end = text.slice(0, MAX_BAGGAGE_BYTES).indexOf('=');
  return end !== -1 && isToken(trimOws(text.slice(0, end)));
}

/** Joins members to a baggage-string. */
export function joinMembers(members: readonly BaggageMember[]): string {
  return members.map((member) => member.text).join(',');
}

/** Counts the list elements of a baggage-string without splitting it. */
export function countMembers(text: string): number {
  let count = 1;
  for (let at = text.indexOf(','); at !== -1; at = text.indexOf(',', at + 1)) count++;
  return count;
}

/** Returns the decoded value of a member. */
export function memberValue(member: BaggageMember): string {
  const { text } = member;
  const semicolon = text.indexOf(';');
  return decodeValue(trimOws(text.slice(text.indexOf('=') + 1, semicolon === -1 ? undefined : semicolon)));
}

/** Returns the properties of a member as received; `undefined` when it has none. */
export function memberProperties(member: BaggageMember): string | undefined {
  const semicolon = member.text.indexOf(';');
  return semicolon === -1 ? undefined : trimOws(member.text.slice(semicolon + 1));
}

function keyOf(text: string): string {
  return trimOws(text.slice(0, text.indexOf('=')));
}
