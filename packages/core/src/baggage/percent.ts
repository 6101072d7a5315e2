const ESCAPE = /%([0-9A-Fa-f]{2})/g;

/**
 * Encodes a text as a baggage value: percent-encoded UTF-8 (W3C Baggage, section 3.3.1.1.2).
 *
 * A lone surrogate becomes U+FFFD, because `encodeURIComponent` would throw.
 */
export function encodeValue(text: string): string {
  return encodeURIComponent(text.toWellFormed());
}

/**
 * Decodes a baggage value. Never throws: bytes that are not UTF-8 become U+FFFD, a `%` without two hexadecimal digits stays.
 */
export function decodeValue(text: string): string {
  if (!text.includes('%')) return text;
  try {
    return decodeURIComponent(text);
  } catch {
    const latin1 = text.replaceAll(ESCAPE, (_, hex: string) => String.fromCharCode(parseInt(hex, 16)));
    return Buffer.from(latin1, 'latin1').toString('utf8');
  }
}
