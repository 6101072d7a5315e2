import { isBaggage } from '../baggage/baggage-grammar.js';
import { joinMembers, splitMembers } from '../baggage/baggage-member.js';
import { type Carrier, headerText, isIterable, isPairs } from './carrier.js';
import type { CompiledPolicy } from '../policy/compiled-policy.js';

/** What becomes of a header: itself, another value, or `undefined` when it goes. */
type Keep = (name: string, value: unknown) => unknown;

/**
 * Takes out of a carrier what a policy carries: named headers, the headers that members are promoted to, and baggage members. Baggage
 * that the policy does not carry stays, as it is not the lane's.
 *
 * @returns the carrier itself when there is nothing of that, else a copy of the same shape
 */
export function stripHeaders<C extends Carrier>(carrier: C, policy: CompiledPolicy): C {
  const promoted = new Set(policy.promote.map(([, header]) => header));
  return removeFrom(carrier, (name, value) => {
    const lower = name.toLowerCase();
    if (lower === 'baggage') return stripBaggage(value, policy);
    return policy.carriesHeader(lower) || promoted.has(lower) ? undefined : value;
  }) as C;
}

function stripBaggage(value: unknown, policy: CompiledPolicy): unknown {
  if (policy.carriesAllBaggage) return undefined;
  const text = headerText(value);
  const members = splitMembers(text, () => {});
  const kept = members.filter(({ key }) => !policy.carriesKey(key) && !policy.isLaneKey(key));
  if (kept.length === members.length && isBaggage(text)) return value;
  return kept.length === 0 ? undefined : joinMembers(kept);
}

function removeFrom(carrier: Carrier, keep: Keep): Carrier {
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
