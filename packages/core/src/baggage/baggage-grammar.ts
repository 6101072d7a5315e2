/**
 * The grammar of W3C Baggage, section 3.3.1, as regular expressions.
 *
 * Every expression reads its input in linear time, because the input comes from untrusted senders: no two adjacent quantifiers match the
 * same white space.
 */
const TOKEN = "[!#$%&'*+\\-.^_`|~0-9A-Za-z]+";
const OWS = '[ \\t]*';
const OCTETS = '[\\x21\\x23-\\x2b\\x2d-\\x3a\\x3c-\\x5b\\x5d-\\x7e]+';
// The white space after `=` is inside the optional group: with an empty value, the next expression matches it.
const ASSIGNED = `${OWS}=(?:${OWS}${OCTETS})?`;
const PROPERTY = `${TOKEN}(?:${ASSIGNED})?`;
const PROPERTIES = `(?:${OWS};${OWS}${PROPERTY})*`;
const MEMBER = `${TOKEN}${ASSIGNED}${PROPERTIES}`;

const token = new RegExp(`^${TOKEN}$`);
const member = new RegExp(`^${MEMBER}$`);
// Nearly all baggage has no white space and no properties. This expression is a third faster than the complete grammar.
const PLAIN = `${TOKEN}=(?:${OCTETS})?`;
const plainBaggage = new RegExp(`^${PLAIN}(?:,${PLAIN})*$`);
const baggage = new RegExp(`^${MEMBER}(?:${OWS},${OWS}${MEMBER})*$`);
const properties = new RegExp(`^${OWS}${PROPERTY}${PROPERTIES}$`);
// RFC 9110, section 5.5: visible characters, space, tab and obs-text. Every client accepts these.
const fieldValue = /^[\t\x20-\x7e\x80-\xff]*$/;

/** Whether the text is a token (RFC 9110, section 5.6.2): a header name or a baggage key. */
export function isToken(text: string): boolean {
  return token.test(text);
}

/** Whether the text is one baggage list-member without white space around it. */
export function isMember(text: string): boolean {
  return member.test(text);
}

/** Whether the text is a whole baggage-string without white space around it, whatever its length. */
export function isBaggage(text: string): boolean {
  return plainBaggage.test(text) || baggage.test(text);
}

/** Whether the text is a list of baggage properties, the part of a member after its first `;`. */
export function areProperties(text: string): boolean {
  return properties.test(text);
}

/** Whether the text may be the value of an HTTP field: no CR, LF, NUL, nor anything above U+00FF. */
export function isFieldValue(text: string): boolean {
  return fieldValue.test(text);
}
