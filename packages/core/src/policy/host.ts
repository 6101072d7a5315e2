import { isIP } from 'node:net';
import type { Destination } from '../lanes.js';

// A name or an address, with or without a port. Not `@`, `/`, `\`, `?` or `#`, with which a URL parser would find another host than the
// client does.
const BARE_HOST = /^(?:\[[0-9A-Fa-f:.]+\]|[^\s@/\\?#:[\]]+)(?::\d*)?$/;

/**
 * Returns the host of a destination as the WHATWG URL parser finds it: lower case, IPv4 in dotted decimal, IPv6 compressed and without
 * brackets, IDNA in ASCII.
 *
 * @returns `undefined` when the destination is neither a URL nor a host
 */
export function parseHost(to: Destination): string | undefined {
  if (typeof to !== 'string') return hostOf(to.href);
  if (to.includes('://')) return hostOf(to);
  if (isIP(to) === 6) return hostOf(`http://[${withoutZone(to)}]`);
  return BARE_HOST.test(to) ? hostOf(`http://${to}`) : undefined;
}

function hostOf(url: string): string | undefined {
  if (!URL.canParse(url)) return undefined;
  const parsed = new URL(url);
  // The URL parser does not normalize the host of an unknown scheme (`nats://`), so parse it again with a known one.
  if (parsed.origin === 'null' && parsed.host !== '') {
    return hostOf(`http://${parsed.host}`);
  }
  return unbracket(parsed.hostname);
}

function unbracket(hostname: string): string | undefined {
  if (hostname === '') return undefined;
  return hostname.startsWith('[') ? hostname.slice(1, -1) : hostname;
}

// RFC 4007, section 11: `fe80::1%eth0`. A URL cannot contain the zone, and egress does not depend on it.
function withoutZone(address: string): string {
  const percent = address.indexOf('%');
  return percent === -1 ? address : address.slice(0, percent);
}
