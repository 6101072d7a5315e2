import { trimOws } from '../baggage/baggage-member.js';
import { decodeValue } from '../baggage/percent.js';

/**
 * Returns the decoded value of a cookie in the text of a `cookie` header; `undefined` when there is none.
 *
 * The text is split as in RFC 6265, section 5.2, steps 1 to 4. Of several cookies with one name, the first is used: user agents send the one
 * with the longest path first (section 5.4).
 */
export function readCookie(text: string, name: string): string | undefined {
  // Most requests do not have the cookie.
  if (!text.includes(name)) return undefined;
  const pair = text.split(';').find((candidate) => nameOf(candidate) === name);
  return pair === undefined ? undefined : decodeValue(trimOws(pair.slice(pair.indexOf('=') + 1)));
}

/**
 * Removes every cookie of a name from the value of a `cookie` header.
 *
 * @param value a text, or a list of texts
 * @returns the value itself when it does not have the cookie; `undefined` when nothing is left
 */
export function removeCookie(value: unknown, name: string): unknown {
  if (!Array.isArray(value)) return typeof value === 'string' ? removeFromText(value, name) : value;
  const kept = value.map((text: unknown) => removeCookie(text, name));
  if (kept.every((text, index) => text === value[index])) return value;
  const rest = kept.filter((text) => text !== undefined);
  return rest.length === 0 ? undefined : rest;
}

function removeFromText(text: string, name: string): string | undefined {
  if (!text.includes(name)) return text;
  const pairs = text.split(';');
  const kept = pairs.filter((pair) => nameOf(pair) !== name);
  if (kept.length === pairs.length) return text;
  return trimOws(kept.join(';')) || undefined;
}

/** Returns `undefined` for a text without `=`, which is not a cookie. */
function nameOf(pair: string): string | undefined {
  const equals = pair.indexOf('=');
  return equals === -1 ? undefined : trimOws(pair.slice(0, equals));
}
