/** What a list of entries may hold, and what goes last. */
export interface EntryLimits<T> {
  readonly maxCount: number;
  readonly maxBytes: number;
  readonly bytesOf: (entry: T) => number;
  readonly nameOf: (entry: T) => string;
  /** Whether an entry of that name names or routes the lane, so that it is chosen before all others. */
  readonly isLane: (name: string) => boolean;
}

/**
 * Drops whole entries until the rest fits the limits. Entries of the lane are chosen first, the one that counts (the last of its name)
 * before its duplicates; the others follow in their order. What stays keeps its order.
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
