/** A header value of any transport: text, bytes (queues), a number, several values, or nothing. */
export type HeaderValue = string | number | Uint8Array | readonly (string | Uint8Array)[] | null | undefined;

/** Headers by name: `IncomingMessage.headers`, a message's properties, an object literal. */
export type HeaderRecord = Record<string, unknown>;

/** Name and value pairs: `Headers`, a `Map`, an array of pairs. */
export type HeaderPairs = Iterable<readonly [string, unknown]>;

/** A flat array of names and values: `rawHeaders`, undici's dispatch options. */
export type FlatHeaders = readonly (string | Uint8Array | undefined)[];

/** Anything that holds headers. */
export type Carrier = HeaderRecord | HeaderPairs | FlatHeaders;

/**
 * Calls `visit` for each header of a carrier whose name may be carried, in order.
 *
 * @param lengths bit n is set when names of n characters (mod 32) may be carried; the values of other names are not read
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
      const name = headerText(key); // Queues have names in bytes.
      if (isWanted(name)) visit(name, value);
    }
  } else {
    for (const name in carrier) if (isWanted(name)) visit(name, carrier[name]);
  }
}

/** Whether an array of headers holds pairs; otherwise it is a flat array of names and values. */
export function isPairs(headers: readonly unknown[]): boolean {
  return Array.isArray(headers[0]);
}

/** Whether a carrier is an iterable of pairs (`Headers`, `Map`); otherwise it is read by name. */
export function isIterable(carrier: object): carrier is Iterable<unknown> {
  const iterate: unknown = Reflect.get(carrier, Symbol.iterator);
  // Some code adds an iterator to Object.prototype.
  return typeof iterate === 'function' && iterate !== Reflect.get(Object.prototype, Symbol.iterator);
}

/**
 * Returns a header value as text: bytes as Latin-1, so that HTTP sends the same bytes; several values as one list (RFC 9110, section 5.2);
 * `''` for nothing.
 */
export function headerText(value: unknown): string {
  if (typeof value === 'string') return value;
  // Lists in lists are ignored, because a list may contain itself.
  return Array.isArray(value) ? value.map(itemText).join(', ') : itemText(value);
}

function itemText(value: unknown): string {
  if (typeof value === 'string') return value;
  if (value instanceof Uint8Array)
    return Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('latin1');
  return typeof value === 'number' || typeof value === 'bigint' ? String(value) : '';
}

/** Copies the own enumerable entries of a record. The copy has no prototype if the record has none. */
export function copyRecord(record: HeaderRecord): HeaderRecord {
  if (Object.getPrototypeOf(record) === null)
    return Object.assign(Object.create(null) as HeaderRecord, record);
  // In V8 `Object.assign` is much cheaper than a spread that grows later, but an own `__proto__` would become the copy's prototype.
  return Object.hasOwn(record, '__proto__')
    ? { ...record }
    : Object.assign<HeaderRecord, HeaderRecord>({}, record);
}
