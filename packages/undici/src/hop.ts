import {
  attachedHeaders,
  BASELINE,
  type Carrier,
  detachHeaders,
  type FlatHeaders,
  type HeaderRecord,
} from '@laneway/core';
import { findDestinations, pinsOf } from './destinations.js';
import type { DispatchOptions } from './dispatch.js';
import type { CallLane } from './lane-call.js';
import { markHeaders, markOf } from './marked-headers.js';
import { guardRequestCreation } from './request-creation.js';

/** What was attached to one hop. */
interface Hop extends CallLane {
  readonly destinations: readonly string[];
  /** The options that the hop was decided for. */
  readonly options: DispatchOptions;
  /** The headers without the lane and with it. */
  readonly before: Carrier | undefined;
  readonly after: Carrier | undefined;
}

/**
 * The key of a hop in the options of its dispatch. Interceptors and pools pass options on, or a copy that has the symbol too, so whoever is
 * further in and asked later knows whose lane it is. Registered, for several copies of this package.
 */
const HOP = Symbol.for('laneway.undici.hop.2');

interface HopOptions extends DispatchOptions {
  readonly [HOP]?: Hop;
}

/** Whether the lane of a request was decided further out. */
export function isDecided(options: DispatchOptions): boolean {
  return findHop(options) !== undefined;
}

/** An interceptor may make options of its own, and keep the headers. */
function findHop(options: DispatchOptions): Hop | undefined {
  return (options as HopOptions)[HOP] ?? (markOf(options.headers) as Hop | undefined);
}

/**
 * Returns options that carry a lane, if egress allows it, and mark the decision for everyone further in. The caller's are not changed.
 *
 * @param dispatcher what dispatches them, if it is known
 */
export function attachToHop(
  options: DispatchOptions,
  { lanes, lane }: CallLane,
  dispatcher?: object,
): DispatchOptions {
  guardRequestCreation();
  const inLane = lane !== BASELINE;
  const destinations = findDestinations(options, dispatcher);
  const before = inLane ? toPlainHeaders(options.headers) : (options.headers ?? undefined);
  const after = inLane ? lanes.attach(before, { to: destinations, lane }) : before;
  const hop: Hop = { lanes, lane, destinations, options, before, after };
  if (after !== undefined && after !== before) markHeaders(after, hop);
  return { ...options, headers: after, [HOP]: hop } as DispatchOptions;
}

/**
 * Decides again about a request that was decided further out, if it goes somewhere else by now: an interceptor in between has followed a
 * redirect with the headers of the previous hop, or its dispatcher is pinned to an origin.
 */
export function reattachToHop(options: DispatchOptions, dispatcher: object): DispatchOptions {
  const hop = findHop(options);
  if (hop === undefined || hop.lane === BASELINE || isSameHop(options, dispatcher, hop)) return options;
  const { [HOP]: _, ...rest } = options as HopOptions;
  const headers = detachHeaders(toPlainHeaders(rest.headers), attachedHeaders(hop.before, hop.after));
  return attachToHop({ ...rest, headers }, hop, dispatcher);
}

/** Whether a request still goes where it was decided for. */
function isSameHop(options: DispatchOptions, dispatcher: object, hop: Hop): boolean {
  const { destinations, options: decided } = hop;
  const isSame =
    options.origin === decided.origin &&
    options.path === decided.path &&
    options.servername === decided.servername;
  if (isSame && destinations.length === 1) {
    const pins = pinsOf(dispatcher, options.origin);
    if (pins.length === 0 || (pins.length === 1 && pins[0] === destinations[0])) return true;
  }
  return findDestinations(options, dispatcher).join(' ') === destinations.join(' ');
}

type Pair = readonly [name: string, value: unknown];

/**
 * Headers in a shape that undici takes in every version: a record, or names and values in turn. What is iterated (`Headers`, a `Map`, a
 * generator, which can be iterated only once) becomes the latter.
 *
 * @returns an iterable for items that are no pairs, which undici answers with an error of its own
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
  // Some code adds it to all objects.
  return typeof iterate === 'function' && iterate !== Reflect.get(Object.prototype, Symbol.iterator);
}
