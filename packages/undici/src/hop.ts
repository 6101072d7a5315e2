import { isIP } from 'node:net';
import type { DispatchOptions } from './dispatch.js';

const SLASH = 47;

/** Nowhere that is known yet. */
const NOWHERE: readonly string[] = [];

// Where undici keeps the URL that a `Client` or a `Pool` is made for, of each class of dispatchers. An internal of undici: where it is
// not as expected, a request without an origin leaves without a lane.
const urlKeys = new WeakMap<object, symbol | null>();
const knownPins = new WeakMap<object, readonly string[]>();

/**
 * Everything that a request goes to, for egress to allow: its origin; what its dispatcher is pinned to, whatever the origin says; and
 * what a forward proxy is asked for by a path in absolute form (RFC 9112, section 3.2.2).
 *
 * @param dispatcher the one that is asked, when it is known
 * @returns none when only a dispatcher further in can tell
 */
export function placesOf(options: DispatchOptions, dispatcher: object | undefined): readonly string[] {
  const { origin, path, method, servername } = options;
  const pins = dispatcher === undefined ? NOWHERE : pinsOf(dispatcher);
  // Most calls go to one place, which is said once.
  if (typeof origin === 'string' && origin !== '' && !servername && path?.charCodeAt(0) === SLASH)
    if (pins.length === 0 || (pins.length === 1 && pins[0] === origin)) return [origin];
  const places = new Set(pins);
  if (origin) places.add(originText(origin));
  if (typeof path === 'string' && !path.startsWith('/') && method !== 'CONNECT' && URL.canParse(path))
    places.add(new URL(path).origin);
  const [only = ''] = places;
  // Of a forward proxy that is asked for an address, it would be the name of the proxy.
  if (servername && places.size === 1 && isAddress(only)) return [servername];
  return [...places];
}

/** The origins that a dispatcher always goes to: one of a `Client` or a `Pool`, several of a `BalancedPool`, none of an `Agent`. */
export function pinsOf(dispatcher: object): readonly string[] {
  const known = knownPins.get(dispatcher);
  if (known !== undefined) return known;
  const { upstreams } = dispatcher as { upstreams?: unknown };
  // Not remembered: there may be more of them later.
  if (Array.isArray(upstreams)) return upstreams.map(String);
  const kind: unknown = Object.getPrototypeOf(dispatcher);
  if (typeof kind !== 'object' || kind === null) return NOWHERE;
  let key = urlKeys.get(kind);
  if (key === undefined) {
    key = Object.getOwnPropertySymbols(dispatcher).find(({ description }) => description === 'url') ?? null;
    urlKeys.set(kind, key);
  }
  const url: unknown = key && (dispatcher as Record<symbol, unknown>)[key];
  const found = url ? [originText(url)] : NOWHERE;
  knownPins.set(dispatcher, found);
  return found;
}

function originText(origin: unknown): string {
  const own = (origin as { origin?: unknown }).origin;
  return typeof own === 'string' ? own : String(origin);
}

function isAddress(place: string): boolean {
  if (!URL.canParse(place)) return false;
  const { hostname } = new URL(place);
  return isIP(hostname.startsWith('[') ? hostname.slice(1, -1) : hostname) !== 0;
}
