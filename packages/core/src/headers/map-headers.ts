import { type Carrier, type HeaderRecord, headerText, isIterable, isPairs } from './carrier.js';

/** Returns the new value of a header; `undefined` removes it. */
export type Keep = (name: string, value: unknown) => unknown;

/**
 * Returns headers with each value replaced by what `keep` returns for it; `undefined` removes the header. A header that
 * cannot be read, such as a getter that throws, is removed.
 *
 * @returns the same object when nothing changes, otherwise a copy of the same shape
 */
export function mapHeaders(carrier: Carrier, keep: Keep): Carrier {
  if (Array.isArray(carrier) && !isPairs(carrier)) return removeFromFlat(carrier, keep);
  if (!isIterable(carrier)) return removeFromRecord(carrier, keep);
  const pairs = [...(carrier as Iterable<Pair>)];
  const kept = keepPairs(pairs, keep);
  if (kept === pairs) return carrier;
  if (Array.isArray(carrier)) return kept;
  try {
    // The constructors of `Headers` and `Map` accept any iterable of pairs, and the copy keeps the class of any package.
    return new (carrier.constructor as new (init: unknown) => Carrier)(kept);
  } catch {
    return kept;
  }
}

type Pair = readonly [string, unknown];

function keepPairs(pairs: readonly Pair[], keep: Keep): readonly Pair[] {
  let changed = false;
  const kept = pairs.flatMap((pair): Pair[] => {
    try {
      const value = keep(headerText(pair[0]), pair[1]);
      if (value === pair[1]) return [pair];
      changed = true;
      return value === undefined ? [] : [[pair[0], value]];
    } catch {
      changed = true;
      return [];
    }
  });
  return changed ? kept : pairs;
}

function removeFromFlat(flat: readonly unknown[], keep: Keep): Carrier {
  const pairs: Pair[] = [];
  for (let i = 0; i + 1 < flat.length; i += 2) pairs.push([headerText(flat[i]), flat[i + 1]]);
  const kept = keepPairs(pairs, keep);
  return (kept === pairs ? flat : kept.flat()) as Carrier;
}

function removeFromRecord(record: HeaderRecord, keep: Keep): HeaderRecord {
  let changes: Map<PropertyKey, unknown> | undefined;
  for (const name of Object.keys(record)) {
    let result: unknown;
    try {
      const value = record[name];
      result = keep(name, value);
      if (result === value) continue;
    } catch {
      result = undefined;
    }
    (changes ??= new Map()).set(name, result);
  }
  return changes === undefined ? record : copyWith(record, changes);
}

/** Copies a record entry by entry, because a spread stops at a getter that throws. Symbols are copied too: node:http2 uses one. */
function copyWith(record: HeaderRecord, changes: ReadonlyMap<PropertyKey, unknown>): HeaderRecord {
  const copy = (Object.getPrototypeOf(record) === null ? Object.create(null) : {}) as HeaderRecord;
  for (const key of Reflect.ownKeys(record) as string[]) {
    const isChanged = changes.has(key);
    const value = isChanged ? changes.get(key) : record[key];
    if ((isChanged && value === undefined) || !Object.prototype.propertyIsEnumerable.call(record, key))
      continue;
    // Not an assignment: an own `__proto__` would become the prototype of the copy.
    Object.defineProperty(copy, key, { value, configurable: true, enumerable: true, writable: true });
  }
  return copy;
}
