import type { Baggage, BaggageEntry } from '@opentelemetry/api';
import { areProperties, isToken } from '../baggage/baggage-grammar.js';
import { type BaggageMember, MAX_BAGGAGE_BYTES } from '../baggage/baggage-member.js';
import { reportDrop } from '../channels.js';
import { encodeValue } from '../baggage/percent.js';

/**
 * Writes an entry of OpenTelemetry's baggage as a list-member.
 *
 * @returns `undefined`, and reports the drop, when the key is not a token or the metadata are not properties. OpenTelemetry accepts any text
 *   there, CR and LF included.
 */
export function formatMember(key: string, entry: BaggageEntry): string | undefined {
  const value: unknown = entry?.value;
  const metadata = entry?.metadata?.toString() ?? '';
  // The type is string, but JavaScript code also passes numbers and booleans.
  const isText = ['string', 'number', 'boolean', 'bigint'].includes(typeof value);
  if (metadata.length > MAX_BAGGAGE_BYTES) {
    reportDrop({ reason: 'limit', direction: 'attach', header: 'baggage', key });
    return undefined;
  }
  if (isText && isToken(key) && (metadata === '' || areProperties(metadata))) {
    const text = `${key}=${encodeValue(String(value))}`;
    return metadata === '' ? text : `${text};${metadata.trim()}`;
  }
  reportDrop({ reason: 'malformed', direction: 'attach', header: 'baggage' });
  return undefined;
}

/**
 * Merges baggage that was set through OpenTelemetry's API into the members of a lane. For each key the later value wins; a member whose
 * value did not change keeps its text.
 */
export function mergeOtelBaggage(
  members: readonly BaggageMember[],
  baggage: Baggage,
  valueOf: (member: BaggageMember) => string,
): readonly BaggageMember[] {
  const later = new Map<string, BaggageEntry>(baggage.getAllEntries());
  const current = new Map(members.map((member) => [member.key, valueOf(member)]));
  const merged: BaggageMember[] = members.filter(({ key }) => {
    const entry = later.get(key);
    return !later.has(key) || String(entry?.value) === current.get(key);
  });
  for (const { key } of merged) later.delete(key);
  for (const [key, entry] of later) {
    const text = formatMember(key, entry);
    if (text !== undefined) merged.push({ key, text });
  }
  return merged;
}
