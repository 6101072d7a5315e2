import { isIP } from 'node:net';
import type { DispatchOptions } from './dispatch.js';
import { readInternal } from './internals.js';

const SLASH = 47;

const NONE: readonly string[] = [];

/** Where a dispatcher goes whatever the origin of a request says. */
interface Pins {
  readonly origins: readonly string[];
  /** The proxy of a `ProxyAgent`: it reads plain http, also in a tunnel. */
  readonly proxies: readonly string[];
}

const UNPINNED: Pins = { origins: NONE, proxies: NONE };
const known = new WeakMap<object, Pins>();

/**
 * Finds every host that a request goes to: its origin, the origins that its dispatcher is pinned to, and what a forward proxy is asked for
 * by a path in absolute form (RFC 9112, section 3.2.2). Egress must allow all of them.
 *
 * @param dispatcher the one that is asked, if it is known
 * @returns an empty list when only a dispatcher further in knows
 */
export function findDestinations(
  options: DispatchOptions,
  dispatcher: object | undefined,
): readonly string[] {
  const { origin, path, method, servername } = options;
  const pins = dispatcher === undefined ? NONE : pinsOf(dispatcher, origin);
  // The usual case, without a list that grows.
  if (typeof origin === 'string' && origin !== '' && !servername && path?.charCodeAt(0) === SLASH)
    if (pins.length === 0 || (pins.length === 1 && pins[0] === origin)) return [origin];
  const destinations = new Set(pins);
  if (origin) destinations.add(originText(origin));
  if (typeof path === 'string' && !path.startsWith('/') && method !== 'CONNECT' && URL.canParse(path))
    destinations.add(new URL(path).origin);
  const [only = ''] = destinations;
  // undici's dns interceptor replaces the name by an address and keeps the name here; of a forward proxy it is the proxy's name.
  if (servername && destinations.size === 1 && isAddress(only)) return [servername];
  return [...destinations];
}

/**
 * The origins that a dispatcher sends to whatever a request says: one of a `Client` or a `Pool`, several of a `BalancedPool`, the proxy of a
 * `ProxyAgent` for plain http, none of an `Agent`.
 */
export function pinsOf(dispatcher: object, origin: string | URL | undefined): readonly string[] {
  const pins = known.get(dispatcher) ?? findPins(dispatcher);
  if (pins.proxies.length === 0) return pins.origins;
  return origin !== undefined && originText(origin).startsWith('http:') ? pins.proxies : NONE;
}

function findPins(dispatcher: object): Pins {
  const { upstreams } = dispatcher as { upstreams?: unknown };
  // Not remembered: a BalancedPool may get more of them.
  if (Array.isArray(upstreams)) return { origins: upstreams.map(String), proxies: NONE };
  // Internals of undici: without them, a request that names no origin gets no lane.
  const url = readInternal(dispatcher, 'url');
  const proxy = readInternal(dispatcher, 'proxy agent options') as { uri?: unknown } | undefined;
  const pins: Pins =
    url || proxy?.uri
      ? { origins: url ? [originText(url)] : NONE, proxies: proxy?.uri ? [originText(proxy.uri)] : NONE }
      : UNPINNED;
  known.set(dispatcher, pins);
  return pins;
}

function originText(origin: unknown): string {
  const own = (origin as { origin?: unknown }).origin;
  return typeof own === 'string' ? own : String(origin);
}

function isAddress(origin: string): boolean {
  if (!URL.canParse(origin)) return false;
  const { hostname } = new URL(origin);
  return isIP(hostname.startsWith('[') ? hostname.slice(1, -1) : hostname) !== 0;
}
