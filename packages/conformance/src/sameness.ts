import type { BaggageMember, BaggageProperty } from './baggage.js';

const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

/**
 * What a value means (W3C Baggage, section 3.3.1.3): percent-encoded octets are UTF-8, and what is no UTF-8 is U+FFFD. A percent
 * sign that begins no escape stays. How many U+FFFD one broken sequence gives is left open by the text, so neighbours are one.
 */
export function decodeValue(value: string): string {
  return value
    .replace(/(?:%[0-9a-f]{2})+/gi, (escapes) =>
      decoder.decode(Buffer.from(escapes.replaceAll('%', ''), 'hex')),
    )
    .replace(/\uFFFD+/g, '\uFFFD');
}

/**
 * Whether two members say the same. The text lets white space around delimiters go (3.3.1.2 to 3.3.1.4) and anything be
 * percent-encoded (3.3.1.3); properties are a set (3.3.1.4). All else is another member.
 */
export function isSameMember(one: BaggageMember, other: BaggageMember): boolean {
  return (
    one.key === other.key &&
    decodeValue(one.value) === decodeValue(other.value) &&
    setOf(one.properties) === setOf(other.properties)
  );
}

/** What a property means: its key, and its value decoded. */
export function meaningOf({ key, value }: BaggageProperty): string {
  return value === undefined ? key : `${key}=${decodeValue(value)}`;
}

function setOf(properties: readonly BaggageProperty[]): string {
  return JSON.stringify(properties.map(meaningOf).toSorted());
}
