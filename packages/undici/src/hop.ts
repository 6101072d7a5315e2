import {
  type AttachedHeader,
  attachedHeaders,
  BASELINE,
  type Carrier,
  detachHeaders,
  type FlatHeaders,
  type HeaderRecord,
} from '@laneway/core';
import { findDestinations, fixedOriginsOf, proxiesOf } from './destinations.js';
import type { DispatchOptions } from './dispatch.js';
import type { CallLane } from './lane-call.js';
import { markHeaders, markOf } from './marked-headers.js';
import { guardRequestCreation } from './request-creation.js';

/** A record of what Laneway attached to one hop. */
interface Hop extends CallLane {
  readonly destinations: readonly string[];
  /** The proxies among them. The dispatchers inside a `ProxyAgent` do not know its proxy. */
  readonly proxies: readonly string[];
  /** The options of the hop for which egress was checked. */
  readonly options: DispatchOptions;
  /** What was attached. Listed when it is attached, because undici adds its own headers to the result later. */
  readonly attached: readonly AttachedHeader[];
}

/**
 * The key of the hop in the options of a dispatch. Interceptors and pools pass the options on or copy them, symbols included, so an inner
 * wrapper or dispatcher of Laneway finds the lane of the call. A registered symbol, because several copies of this package may be loaded.
 */
const HOP = Symbol.for('laneway.undici.hop.2');

interface HopOptions extends DispatchOptions {
  readonly [HOP]?: Hop | typeof NO_LANE;
}

const NONE: readonly string[] = [];

/** The mark of a request that was decided to carry no lane. */
const NO_LANE = 'baseline';

/** Whether an outer wrapper or interceptor of Laneway has decided about the lane of a request. */
export function isDecided(options: DispatchOptions): boolean {
  return findHop(options) !== undefined;
}

// Some interceptors create new options but keep the headers object, so the headers are marked too.
function findHop(options: DispatchOptions): Hop | typeof NO_LANE | undefined {
  return (options as HopOptions)[HOP] ?? (markOf(options.headers) as Hop | undefined);
}

/** Returns the record of what an outer wrapper attached to a request; the same object until it attaches again. */
export function hopOf(options: DispatchOptions): object | undefined {
  const hop = findHop(options);
  return hop === NO_LANE ? undefined : hop;
}

/**
 * Returns a copy of the options that carries the lane if egress allows it, and that records the decision for inner wrappers.
 *
 * @param dispatcher the dispatcher that sends the request, if it is known
 */
export function attachToHop(
  options: DispatchOptions,
  { lanes, lane }: CallLane,
  dispatcher?: object,
): DispatchOptions {
  if (lane === BASELINE) return { ...options, [HOP]: NO_LANE } as DispatchOptions;
  guardRequestCreation();
  return attach(options, { lanes, lane }, findDestinations(options, dispatcher), dispatcher);
}

function attach(
  options: DispatchOptions,
  { lanes, lane }: CallLane,
  destinations: readonly string[],
  dispatcher: object | undefined,
  kept: readonly string[] = NONE,
): DispatchOptions {
  const proxies = dispatcher === undefined ? kept : [...kept, ...proxiesOf(dispatcher, options.origin)];
  const before = toPlainHeaders(options.headers);
  const after = lanes.attach(before, { to: destinations, lane });
  const attached = attachedHeaders(before, after);
  const hop: Hop = { lanes, lane, destinations, proxies, options, attached };
  if (after !== undefined && after !== before) markHeaders(after, hop);
  return { ...options, headers: after, [HOP]: hop } as DispatchOptions;
}

/**
 * Checks egress again when a request has changed its destination since the lane was attached: an interceptor followed a redirect with the
 * headers of the previous hop, or the dispatcher sends to a fixed origin. Otherwise returns the same options.
 */
export function reattachToHop(options: DispatchOptions, dispatcher: object): DispatchOptions {
  const hop = findHop(options);
  if (hop === undefined || hop === NO_LANE || isSameHop(options, dispatcher, hop)) return options;
  const { [HOP]: _, ...rest } = options as HopOptions;
  const headers = detachHeaders(toPlainHeaders(rest.headers), hop.attached);
  const destinations = findKeptDestinations(options, dispatcher, hop);
  return attach({ ...rest, headers }, hop, destinations, dispatcher, keptProxies(options, hop));
}

/** The destinations of a request, with the proxies that an outer dispatcher sends it through. */
function findKeptDestinations(options: DispatchOptions, dispatcher: object, hop: Hop): readonly string[] {
  const found = findDestinations(options, dispatcher);
  const kept = keptProxies(options, hop);
  return kept.length === 0 ? found : [...new Set([...kept, ...found])];
}

function keptProxies(options: DispatchOptions, hop: Hop): readonly string[] {
  return options.origin === hop.options.origin ? hop.proxies : NONE;
}

/** Whether a request still has the destinations for which egress was checked. */
function isSameHop(options: DispatchOptions, dispatcher: object, hop: Hop): boolean {
  const { destinations, options: checked } = hop;
  const isSame =
    options.origin === checked.origin &&
    options.path === checked.path &&
    options.servername === checked.servername;
  if (isSame && destinations.length === 1) {
    const fixed = fixedOriginsOf(dispatcher, options.origin);
    if (fixed.length === 0 || (fixed.length === 1 && fixed[0] === destinations[0])) return true;
  }
  return findKeptDestinations(options, dispatcher, hop).join(' ') === destinations.join(' ');
}

type Pair = readonly [name: string, value: unknown];

/**
 * Returns headers in a shape that every version of undici accepts: a record, or a flat array of names and values. An iterable (`Headers`,
 * a `Map`, a generator) becomes a flat array, because a generator can be read only once.
 *
 * @returns an iterable when the items are not pairs, so that undici rejects it
 */
function toPlainHeaders(headers: Carrier | null | undefined): HeaderRecord | FlatHeaders | undefined {
  if (headers === undefined || headers === null) return undefined;
  if (Array.isArray(headers) || !isIterable(headers)) return headers as HeaderRecord | FlatHeaders;
  const items = [...(headers as Iterable<Pair>)];
  const isPair = (item: unknown): boolean => Array.isArray(item) && item.length === 2;
  return (items.every(isPair) ? items.flat() : new Set(items)) as FlatHeaders;
}

function isIterable(headers: object): boolean {
  const iterate: unknown = Reflect.get(headers, Symbol.iterator);
  // Some code adds an iterator to Object.prototype.
  return typeof iterate === 'function' && iterate !== Reflect.get(Object.prototype, Symbol.iterator);
}
