import type { BaggageMember, BaggageProperty } from './baggage.js';

const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

/**
 * Decodes a value (W3C Baggage, section 3.3.1.3). Percent-encoded octets are UTF-8; invalid UTF-8 becomes U+FFFD. A percent sign that
 * does not start an escape stays. The specification leaves open how many U+FFFD one invalid sequence becomes, so several in a row
 * become one.
 */
export function decodeValue(value: string): string {
  return value
    .replace(/(?:%[0-9a-f]{2})+/gi, (escapes) =>
      decoder.decode(Buffer.from(escapes.replaceAll('%', ''), 'hex')),
    )
    .replace(/\uFFFD+/g, '\uFFFD');
}

/**
 * Returns whether two members mean the same. White space around delimiters (3.3.1.2 to 3.3.1.4), percent-encoding (3.3.1.3) and the
 * order of properties (3.3.1.4) don't matter.
 */
export function isSameMember(one: BaggageMember, other: BaggageMember): boolean {
  return (
    one.key === other.key &&
    decodeValue(one.value) === decodeValue(other.value) &&
    setOf(one.properties) === setOf(other.properties)
  );
}

/** Returns the meaning of a property: its key and its decoded value. */
export function meaningOf({ key, value }: BaggageProperty): string {
  return value === undefined ? key : `${key}=${decodeValue(value)}`;
}

function setOf(properties: readonly BaggageProperty[]): string {
  return JSON.stringify(properties.map(meaningOf).toSorted());
}
