/** A header value as transports hand it over: text, bytes (queues), a number, several values, or nothing. */
export type HeaderValue = string | number | Uint8Array | readonly (string | Uint8Array)[] | null | undefined;

/** Headers by name: `IncomingMessage.headers`, a message's properties, an object literal. */
export type HeaderRecord = Record<string, unknown>;

/** Name and value pairs: `Headers`, a `Map`, an array of pairs. */
export type HeaderPairs = Iterable<readonly [string, unknown]>;

/** Names and values in turn: `rawHeaders`, undici's dispatch options. */
export type FlatHeaders = readonly (string | Uint8Array | undefined)[];

/** Anything that holds headers. */
export type Carrier = HeaderRecord | HeaderPairs | FlatHeaders;

/**
 * Calls `visit` for each header of a carrier whose name may be wanted, in order.
 *
 * @param lengths bit n is set when names of n characters (mod 32) are wanted: of the others not even the value is read
 */
export function forEachHeader(
  carrier: Carrier,
  lengths: number,
  visit: (name: string, value: unknown) => void,
): void {
  const isWanted = (name: string): boolean => ((lengths >>> (name.length & 31)) & 1) === 1;
  if (Array.isArray(carrier) && !isPairs(carrier)) {
    for (let i = 0; i + 1 < carrier.length; i += 2) {
      const name = headerText(carrier[i]);
      if (isWanted(name)) visit(name, carrier[i + 1]);
    }
  } else if (isIterable(carrier)) {
    for (const [key, value] of carrier as HeaderPairs) {
      const name = headerText(key); // queues have names in bytes
      if (isWanted(name)) visit(name, value);
    }
  } else {
    for (const name in carrier) if (isWanted(name)) visit(name, carrier[name]);
  }
}

/** Whether an array of headers holds pairs rather than names and values in turn. */
export function isPairs(headers: readonly unknown[]): boolean {
  return Array.isArray(headers[0]);
}

/** Whether a carrier is iterated as pairs (`Headers`, `Map`) rather than read by name. */
export function isIterable(carrier: object): carrier is Iterable<unknown> {
  const iterate: unknown = Reflect.get(carrier, Symbol.iterator);
  // Some code adds it to all objects.
  return typeof iterate === 'function' && iterate !== Reflect.get(Object.prototype, Symbol.iterator);
}

/**
 * The text of a header value: bytes as Latin-1, so that they leave over HTTP as they came; several values as one list
 * (RFC 9110, section 5.2); the empty text for nothing.
 */
export function headerText(value: unknown): string {
  if (typeof value === 'string') return value;
  // Of lists in lists nothing is read: a list may contain itself.
  return Array.isArray(value) ? value.map(itemText).join(', ') : itemText(value);
}

function itemText(value: unknown): string {
  if (typeof value === 'string') return value;
  if (value instanceof Uint8Array)
    return Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('latin1');
  return typeof value === 'number' || typeof value === 'bigint' ? String(value) : '';
}

/** Copies a record: its own enumerable entries, whatever their names, and whether it has no prototype. */
export function copyRecord(record: HeaderRecord): HeaderRecord {
  if (Object.getPrototypeOf(record) === null)
    return Object.assign(Object.create(null) as HeaderRecord, record);
  // `Object.assign` is in V8 much cheaper than a spread that then grows, but with an own `__proto__` it sets the copy's prototype.
  return Object.hasOwn(record, '__proto__')
    ? { ...record }
    : Object.assign<HeaderRecord, HeaderRecord>({}, record);
}
