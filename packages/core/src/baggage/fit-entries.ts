/** The limits of a list of entries, and which entries are dropped last. */
export interface EntryLimits<T> {
  readonly maxCount: number;
  readonly maxBytes: number;
  readonly bytesOf: (entry: T) => number;
  readonly nameOf: (entry: T) => string;
  /** Whether the entry of this name names or routes the lane, so that it is dropped last. */
  readonly isLane: (name: string) => boolean;
}

/**
 * Drops whole entries until the rest fits the limits, and keeps their order. It keeps the entries of the lane first, the last of each name
 * before its duplicates, and then the others in their order.
 *
 * @returns `entries` itself when everything fits
 */
export function fitEntries<T>(
  entries: readonly T[],
  limits: EntryLimits<T>,
  onDrop: (entry: T) => void,
): readonly T[] {
  const { maxCount, maxBytes, bytesOf, nameOf, isLane } = limits;
  if (entries.length <= maxCount && sum(entries, bytesOf) <= maxBytes) return entries;
  const kept = new Set<T>();
  let bytes = 0;
  const keep = (entry: T): void => {
    const size = bytesOf(entry);
    if (kept.size === maxCount || bytes + size > maxBytes) return;
    bytes += size;
    kept.add(entry);
  };
  const seen = new Set<string>();
  for (const entry of entries.toReversed()) {
    const name = nameOf(entry);
    if (!isLane(name) || seen.has(name)) continue;
    seen.add(name);
    keep(entry);
  }
  for (const entry of entries) if (!kept.has(entry)) keep(entry);
  return entries.filter((entry) => {
    if (kept.has(entry)) return true;
    onDrop(entry);
    return false;
  });
}

function sum<T>(entries: readonly T[], bytesOf: (entry: T) => number): number {
  let bytes = 0;
  for (const entry of entries) bytes += bytesOf(entry);
  return bytes;
}
