import {
  type Carrier,
  copyRecord,
  type FlatHeaders,
  type HeaderPairs,
  type HeaderRecord,
  isIterable,
  isPairs,
} from './carrier.js';
import type { OutgoingHeader } from '../lanes.js';

/** Merges an existing header with the lane's. Returns the existing value when there is nothing to add. */
export type MergeHeader = (name: string, existing: unknown, value: string) => unknown;

/** Headers that have `set`, such as a copy of `Headers`. */
interface MutableHeaders extends HeaderPairs {
  get(name: string): string | null;
  set(name: string, value: string): void;
}

/** Adds headers to a carrier. Returns the carrier itself when nothing changes, otherwise a changed copy of the same shape. */
export function addHeaders<C extends Carrier>(
  carrier: C | undefined,
  headers: readonly OutgoingHeader[],
  merge: MergeHeader,
): C | Record<string, string> | undefined {
  if (headers.length === 0) return carrier;
  if (carrier === undefined || carrier === null) return toRecord(headers);
  if (Array.isArray(carrier)) {
    return (isPairs(carrier) ? addToPairs(carrier, headers, merge) : addToFlat(carrier, headers, merge)) as C;
  }
  if (!isIterable(carrier)) return addToRecord(carrier, headers, merge) as C;
  return addToObject(carrier as MutableHeaders, headers, merge) as C;
}

function toRecord(headers: readonly OutgoingHeader[]): Record<string, string> {
  const record: Record<string, string> = {};
  for (const header of headers) record[header[0]] = header[1]; // In V8 several times cheaper than `Object.fromEntries`.
  return record;
}

function addToRecord(
  record: HeaderRecord,
  headers: readonly OutgoingHeader[],
  merge: MergeHeader,
): HeaderRecord {
  let copy: HeaderRecord | undefined;
  for (const header of headers) {
    const name = header[0];
    const key = findName(record, name);
    const result = key === undefined ? header[1] : merge(name, record[key], header[1]);
    if (key !== undefined && result === record[key]) continue;
    copy ??= copyRecord(record);
    copy[key ?? name] = result;
  }
  return copy ?? record;
}

function findName(record: HeaderRecord, name: string): string | undefined {
  let found: string | undefined;
  for (const key in record) {
    // If a record has several spellings of a name, Node sends the last.
    if (key.length === name.length && (key === name || key.toLowerCase() === name)) found = key;
  }
  return found;
}

type Pair = readonly [string, unknown];

function addToPairs(
  pairs: readonly Pair[],
  headers: readonly OutgoingHeader[],
  merge: MergeHeader,
): readonly Pair[] {
  let copy: Pair[] | undefined;
  for (const [name, value] of headers) {
    const same = pairs.filter(([key]) => key.toLowerCase() === name);
    if (same.length === 0) (copy ??= [...pairs]).push([name, value]);
    else {
      const existing = valueOf(same.map((pair) => pair[1]));
      const result = merge(name, existing, value);
      if (result === existing) continue;
      const first = same[0] as Pair;
      copy = (copy ?? [...pairs])
        .filter((pair) => pair === first || !same.includes(pair))
        .map((pair) => (pair === first ? [first[0], result] : pair));
    }
  }
  return copy ?? pairs;
}

function valueOf(values: readonly unknown[]): unknown {
  return values.length === 1 ? values[0] : values.map(String);
}

function addToFlat(flat: FlatHeaders, headers: readonly OutgoingHeader[], merge: MergeHeader): FlatHeaders {
  // A name without a value: the client rejects it.
  if (flat.length % 2 === 1) return flat;
  const pairs: Pair[] = [];
  for (let i = 0; i + 1 < flat.length; i += 2) pairs.push([String(flat[i]), flat[i + 1]]);
  const result = addToPairs(pairs, headers, merge);
  return result === pairs ? flat : (result.flat() as FlatHeaders);
}

function addToObject(
  object: MutableHeaders,
  headers: readonly OutgoingHeader[],
  merge: MergeHeader,
): HeaderPairs {
  // The constructors of `Headers` and `Map` accept any iterable of pairs, and the copy keeps the class of any package.
  const copy = new (object.constructor as new (init: HeaderPairs) => MutableHeaders)(object);
  let changed = false;
  for (const [name, value] of headers) {
    const key = copy instanceof Map ? nameInMap(copy, name) : name;
    const existing = copy.get(key) ?? undefined;
    const result = existing === undefined ? value : merge(name, existing, value);
    if (result === existing) continue;
    copy.set(key, String(result));
    changed = true;
  }
  return changed ? copy : object;
}

function nameInMap(map: ReadonlyMap<string, unknown>, name: string): string {
  for (const key of map.keys()) if (key.toLowerCase() === name) return key;
  return name;
}
