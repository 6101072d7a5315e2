import {
  type Carrier,
  forEachHeader,
  type HeaderRecord,
  headerText,
  isIterable,
  isPairs,
} from './carrier.js';
import { mapHeaders } from './map-headers.js';

/** A header that `attach` added or changed. */
export interface AttachedHeader {
  /** The name in lower case. */
  readonly name: string;
  /** The caller's value; `undefined` when the caller did not set the header. */
  readonly before: unknown;
  /** The value with the lane. */
  readonly after: unknown;
}

const NONE: readonly AttachedHeader[] = Object.freeze([]);

/**
 * Returns the headers that `lanes.attach` added or changed.
 *
 * @param before the headers that were passed to `attach`
 * @param after the headers that it returned
 */
export function attachedHeaders(
  before: Carrier | undefined,
  after: Carrier | undefined,
): readonly AttachedHeader[] {
  if (after === undefined || after === before) return NONE;
  return compareRecords(before, after) ?? compareFlat(before, after) ?? compareAll(before, after);
}

/** Every call of undici compares records, so it needs no maps: `attach` copies a record and changes only what it attaches. */
function compareRecords(before: Carrier | undefined, after: Carrier): readonly AttachedHeader[] | undefined {
  if (!isRecord(after) || !(before === undefined || before === null || isRecord(before))) return undefined;
  const attached: AttachedHeader[] = [];
  for (const name in after) {
    const value = after[name];
    const callerValue = before && Object.hasOwn(before, name) ? before[name] : undefined;
    if (callerValue !== value) attached.push({ name: name.toLowerCase(), before: callerValue, after: value });
  }
  return attached;
}

/** @returns `undefined` when `attach` has moved headers, which it does when it joins several lines of one name */
function compareFlat(before: Carrier | undefined, after: Carrier): readonly AttachedHeader[] | undefined {
  if (!Array.isArray(before) || !Array.isArray(after) || isPairs(after)) return undefined;
  if (after.length < before.length) return undefined;
  const attached: AttachedHeader[] = [];
  for (let i = 0; i + 1 < after.length; i += 2) {
    const [name, value]: readonly unknown[] = [after[i], after[i + 1]];
    const isNew = i >= before.length;
    if (!isNew && before[i] !== name) return undefined;
    if (isNew || before[i + 1] !== value)
      attached.push({
        name: headerText(name).toLowerCase(),
        before: isNew ? undefined : before[i + 1],
        after: value,
      });
  }
  return attached;
}

function compareAll(before: Carrier | undefined, after: Carrier): readonly AttachedHeader[] {
  const former = readHeaders(before);
  const attached: AttachedHeader[] = [];
  for (const [name, value] of readHeaders(after)) {
    const callerValue = former.get(name);
    if (callerValue === undefined || headerText(callerValue) !== headerText(value))
      attached.push({ name, before: callerValue, after: value });
  }
  return attached;
}

function isRecord(carrier: Carrier): carrier is HeaderRecord {
  return !Array.isArray(carrier) && !isIterable(carrier);
}

/**
 * Removes what `attach` added, for a client that copies the headers of one hop to the next. A header that was changed since then stays.
 *
 * @param attached what {@link attachedHeaders} returned
 * @returns the same object when there is nothing to remove, otherwise a copy of the same shape
 */
export function detachHeaders<C extends Carrier | undefined>(
  headers: C,
  attached: readonly AttachedHeader[],
): C {
  if (headers === undefined || headers === null || attached.length === 0) return headers;
  const changes = new Map(attached.map((header) => [header.name, header]));
  return mapHeaders(headers, (name, value) => {
    const change = changes.get(name.toLowerCase());
    return change === undefined || headerText(value) !== headerText(change.after) ? value : change.before;
  }) as C;
}

/** Returns the headers by name in lower case. Several lines with one name are joined to a list. */
function readHeaders(carrier: Carrier | undefined): Map<string, unknown> {
  const headers = new Map<string, unknown>();
  if (carrier === undefined || carrier === null) return headers;
  forEachHeader(carrier, -1, (name, value) => {
    const lower = name.toLowerCase();
    const known = headers.get(lower);
    headers.set(lower, known === undefined ? value : `${headerText(known)}, ${headerText(value)}`);
  });
  return headers;
}
