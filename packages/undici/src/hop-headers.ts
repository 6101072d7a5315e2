import type { Carrier, FlatHeaders, HeaderRecord } from '@laneway/core';

type Line = readonly [name: string, value: unknown];
type Headers = Carrier | null | undefined;

/**
 * Headers as undici takes them in every version: a record, or names and values in turn. What is iterated (`Headers`, a `Map`, a
 * generator, which is iterated once only) becomes the latter.
 */
export function plainHeaders(headers: Headers): HeaderRecord | FlatHeaders | undefined {
  if (headers === undefined || headers === null) return undefined;
  if (Array.isArray(headers) || !(Symbol.iterator in headers)) return headers as HeaderRecord | FlatHeaders;
  return [...(headers as Iterable<Line>)].flat() as FlatHeaders;
}

/**
 * Takes off again what a lane added to the headers of one hop, from those of the next: undici's redirect interceptor copies them. What
 * somebody has changed since then stays.
 *
 * @param before those of the first hop, without the lane
 * @param after the same with the lane
 */
export function removeAdded(headers: Headers, before: Headers, after: Headers): Carrier | undefined {
  const own = groupLines(before);
  const added = [...groupLines(after)].filter(([name, lines]) => !sameLines(lines, own.get(name)));
  const groups = groupLines(headers);
  for (const [name, lines] of added) {
    if (!sameLines(lines, groups.get(name))) continue;
    const first = own.get(name);
    if (first === undefined) groups.delete(name);
    else groups.set(name, first);
  }
  const lines = [...groups.values()].flat();
  if (Array.isArray(headers)) return lines.flat() as FlatHeaders;
  return Object.fromEntries(lines);
}

/** Headers by their name in lower case. */
function groupLines(headers: Headers): Map<string, Line[]> {
  const groups = new Map<string, Line[]>();
  for (const line of linesOf(plainHeaders(headers))) {
    const name = line[0].toLowerCase();
    const group = groups.get(name);
    if (group === undefined) groups.set(name, [line]);
    else group.push(line);
  }
  return groups;
}

function linesOf(headers: HeaderRecord | FlatHeaders | undefined): Line[] {
  if (headers === undefined) return [];
  if (!Array.isArray(headers)) return Object.entries(headers);
  // undici's redirect interceptor takes pairs too.
  const flat = (Array.isArray(headers[0]) ? headers.flat() : headers) as FlatHeaders;
  const lines: Line[] = [];
  for (let i = 0; i + 1 < flat.length; i += 2) lines.push([String(flat[i]), flat[i + 1]]);
  return lines;
}

function sameLines(lines: readonly Line[], others: readonly Line[] | undefined): boolean {
  return others !== undefined && String(lines.map(valueOf)) === String(others.map(valueOf));
}

function valueOf([, value]: Line): unknown {
  return value;
}
