import { type BaggageMember, MAX_BAGGAGE_BYTES, MAX_BAGGAGE_MEMBERS } from './baggage-member.js';

/**
 * Drops whole members until the rest fits the limits of W3C Baggage, section 3.3.2. Members of the lane are chosen first, the
 * one that counts (the last of its key) before its duplicates; the others follow in their order. What stays keeps its order.
 *
 * @returns `members` itself when everything fits.
 */
export function fitMembers(
  members: readonly BaggageMember[],
  isLaneKey: (key: string) => boolean,
  onDrop: (member: BaggageMember) => void,
): readonly BaggageMember[] {
  if (fits(members)) return members;
  const kept = new Set<BaggageMember>();
  let bytes = -1; // the first member has no comma before it
  const keep = (member: BaggageMember): void => {
    const size = member.text.length + 1;
    if (kept.size === MAX_BAGGAGE_MEMBERS || bytes + size > MAX_BAGGAGE_BYTES) return;
    bytes += size;
    kept.add(member);
  };
  const seen = new Set<string>();
  for (const member of members.toReversed()) {
    if (!isLaneKey(member.key) || seen.has(member.key)) continue;
    seen.add(member.key);
    keep(member);
  }
  for (const member of members) if (!kept.has(member)) keep(member);
  return members.filter((member) => {
    if (kept.has(member)) return true;
    onDrop(member);
    return false;
  });
}

function fits(members: readonly BaggageMember[]): boolean {
  if (members.length > MAX_BAGGAGE_MEMBERS) return false;
  let bytes = members.length - 1;
  for (const member of members) bytes += member.text.length;
  return bytes <= MAX_BAGGAGE_BYTES;
}
