import { type Carrier, headerText, isIterable, isPairs } from './carrier.js';

/** Returns what becomes of a header: its value, another one, or `undefined` when it is removed. */
export type Keep = (name: string, value: unknown) => unknown;

/**
 * Returns headers with each value replaced by what `keep` returns for it; `undefined` removes the header.
 *
 * @returns the very same object when nothing changes, else a copy of the same shape
 */
export function mapHeaders(carrier: Carrier, keep: Keep): Carrier {
  if (Array.isArray(carrier) && !isPairs(carrier)) return removeFromFlat(carrier, keep);
  if (!isIterable(carrier)) return removeFromRecord(carrier, keep);
  const pairs = [...(carrier as Iterable<readonly [string, unknown]>)];
  const kept = keepPairs(pairs, keep);
  if (kept === pairs) return carrier;
  if (Array.isArray(carrier)) return kept;
  // `Headers` and `Map` take any iterable of pairs; a copy keeps the class, whichever package it comes from.
  return new (carrier.constructor as new (init: unknown) => Carrier)(kept);
}

type Pair = readonly [string, unknown];

function keepPairs(pairs: readonly Pair[], keep: Keep): readonly Pair[] {
  let changed = false;
  const kept = pairs.flatMap((pair): Pair[] => {
    const value = keep(pair[0], pair[1]);
    if (value === pair[1]) return [pair];
    changed = true;
    return value === undefined ? [] : [[pair[0], value]];
  });
  return changed ? kept : pairs;
}

function removeFromFlat(flat: readonly unknown[], keep: Keep): Carrier {
  const pairs: Pair[] = [];
  for (let i = 0; i + 1 < flat.length; i += 2) pairs.push([headerText(flat[i]), flat[i + 1]]);
  const kept = keepPairs(pairs, keep);
  return (kept === pairs ? flat : kept.flat()) as Carrier;
}

function removeFromRecord(record: Record<string, unknown>, keep: Keep): Carrier {
  let copy: Record<string, unknown> | undefined;
  for (const name of Object.keys(record)) {
    const value = keep(name, record[name]);
    if (value === record[name]) continue;
    copy ??= { ...record };
    if (value === undefined) delete copy[name];
    else copy[name] = value;
  }
  return copy ?? record;
}
