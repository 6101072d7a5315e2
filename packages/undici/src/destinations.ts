import { isIP } from 'node:net';
import type { DispatchOptions } from './dispatch.js';
import { readInternal } from './internals.js';

const SLASH = 47;

const NONE: readonly string[] = [];

/** The origins to which a dispatcher sends every request, whatever origin the request names. */
interface FixedOrigins {
  readonly origins: readonly string[];
  /** The proxy of a `ProxyAgent`. It can read plain http, even through a tunnel. */
  readonly proxies: readonly string[];
}

const NOT_FIXED: FixedOrigins = { origins: NONE, proxies: NONE };
const known = new WeakMap<object, FixedOrigins>();

/**
 * Finds every destination of a request: its origin, the fixed origins of its dispatcher, and the URL in a path in absolute form, which a
 * forward proxy calls (RFC 9112, section 3.2.2). Egress must allow all of them.
 *
 * @param dispatcher the dispatcher that sends the request, if it is known
 * @returns an empty list when the request names no origin and the dispatcher is not known
 */
export function findDestinations(
  options: DispatchOptions,
  dispatcher: object | undefined,
): readonly string[] {
  const { origin, path, method, servername } = options;
  const fixed = dispatcher === undefined ? NONE : fixedOriginsOf(dispatcher, origin);
  // A fast path for the usual case: no Set.
  if (typeof origin === 'string' && origin !== '' && !servername && path?.charCodeAt(0) === SLASH)
    if (fixed.length === 0 || (fixed.length === 1 && fixed[0] === origin)) return [origin];
  const destinations = new Set(fixed);
  if (origin) destinations.add(originText(origin));
  if (typeof path === 'string' && !path.startsWith('/') && method !== 'CONNECT' && URL.canParse(path))
    destinations.add(new URL(path).origin);
  const [only = ''] = destinations;
  // undici's dns interceptor replaces the origin's name by an address and keeps the name in `servername`. With a forward proxy, which
  // adds a second destination, `servername` is the proxy's name.
  if (servername && destinations.size === 1 && isAddress(only)) return [servername];
  return [...destinations];
}

/**
 * Returns the origins to which a dispatcher sends a request, whatever origin the request names: one for a `Client` or a `Pool`, several
 * for a `BalancedPool`, the proxy for a `ProxyAgent` and plain http, none for an `Agent`.
 */
export function fixedOriginsOf(dispatcher: object, origin: string | URL | undefined): readonly string[] {
  const fixed = known.get(dispatcher) ?? findFixedOrigins(dispatcher);
  return fixed.proxies.length === 0 ? fixed.origins : proxiesOf(dispatcher, origin);
}

/** The proxies that a dispatcher sends a request through and that can read it. */
export function proxiesOf(dispatcher: object, origin: string | URL | undefined): readonly string[] {
  const { proxies } = known.get(dispatcher) ?? findFixedOrigins(dispatcher);
  if (proxies.length === 0 || origin === undefined) return NONE;
  return originText(origin).startsWith('http:') ? proxies : NONE;
}

/** Notes that a dispatcher sends every request where another one does: the agent inside a `ProxyAgent`, through the same proxy. */
export function sendsToSame(inner: object, outer: object): void {
  known.set(inner, known.get(outer) ?? findFixedOrigins(outer));
}

function findFixedOrigins(dispatcher: object): FixedOrigins {
  const { upstreams } = dispatcher as { upstreams?: unknown };
  // Not cached: upstreams can be added to a BalancedPool.
  if (Array.isArray(upstreams)) return { origins: upstreams.map(String), proxies: NONE };
  // Internals of undici. Without them, a request that names no origin carries no lane.
  const url = readInternal(dispatcher, 'url');
  const proxy = readInternal(dispatcher, 'proxy agent options') as { uri?: unknown } | undefined;
  const found: FixedOrigins =
    url || proxy?.uri
      ? { origins: url ? [originText(url)] : NONE, proxies: proxy?.uri ? [originText(proxy.uri)] : NONE }
      : NOT_FIXED;
  known.set(dispatcher, found);
  return found;
}

function originText(origin: unknown): string {
  const text = (origin as { origin?: unknown }).origin;
  return typeof text === 'string' ? text : String(origin);
}

function isAddress(origin: string): boolean {
  if (!URL.canParse(origin)) return false;
  const { hostname } = new URL(origin);
  return isIP(hostname.startsWith('[') ? hostname.slice(1, -1) : hostname) !== 0;
}
