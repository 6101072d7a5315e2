/** One property of a list-member (W3C Baggage, section 3.3.1.4). */
export interface BaggageProperty {
  readonly key: string;
  /** The value as received; `undefined` when there is no equal sign. */
  readonly value: string | undefined;
}

/** One list-member of a baggage-string (W3C Baggage, section 3.3.1). */
export interface BaggageMember {
  /** The key: a token, never decoded. */
  readonly key: string;
  /** The value as received, still percent-encoded. */
  readonly value: string;
  readonly properties: readonly BaggageProperty[];
  /** The whole member as received, without white space around it. */
  readonly text: string;
}

/** A parsed baggage-string. */
export interface Baggage {
  readonly members: readonly BaggageMember[];
  /** The elements between commas that are not valid list-members, including empty ones. */
  readonly malformed: readonly string[];
}

const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
const OCTETS = /^[\x21\x23-\x2b\x2d-\x3a\x3c-\x5b\x5d-\x7e]*$/;

/**
 * Parses the values of `baggage` header lines, strictly by the grammar. Several lines count as one (section 3).
 *
 * Not Laneway's codec: the harness also judges Laneway, so the two must not share bugs.
 *
 * @example
 * parseBaggage(['a=1;p', 'b=%20']).members.map(({ key }) => key); // ['a', 'b']
 */
export function parseBaggage(lines: readonly string[]): Baggage {
  const members: BaggageMember[] = [];
  const malformed: string[] = [];
  for (const line of lines) {
    if (trimOws(line) === '') continue;
    for (const element of line.split(',')) {
      const text = trimOws(element);
      const member = parseMember(text);
      if (member === undefined) malformed.push(text);
      else members.push(member);
    }
  }
  return { members, malformed };
}

function parseMember(text: string): BaggageMember | undefined {
  const [head = '', ...rest] = text.split(';');
  const pair = parsePair(head);
  if (pair?.value === undefined) return undefined;
  const properties: BaggageProperty[] = [];
  for (const part of rest) {
    const property = parsePair(part);
    if (property === undefined) return undefined;
    properties.push(property);
  }
  return { key: pair.key, value: pair.value, properties, text };
}

function parsePair(text: string): BaggageProperty | undefined {
  const equals = text.indexOf('=');
  const key = trimOws(equals === -1 ? text : text.slice(0, equals));
  if (!TOKEN.test(key)) return undefined;
  if (equals === -1) return { key, value: undefined };
  const value = trimOws(text.slice(equals + 1));
  return OCTETS.test(value) ? { key, value } : undefined;
}

/** Removes optional white space: only SP and HTAB (RFC 7230, section 3.2.3). */
function trimOws(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && isOws(text[start])) start++;
  while (end > start && isOws(text[end - 1])) end--;
  return text.slice(start, end);
}

function isOws(character: string | undefined): boolean {
  return character === ' ' || character === '\t';
}
