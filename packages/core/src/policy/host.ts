import { isIP } from 'node:net';
import type { Destination } from '../lanes.js';

// What a bare host may hold: a name or an address, and a port. Not `@`, `/`, `\`, `?` or `#`, which would make a URL parser see
// another host than the client does.
const BARE_HOST = /^(?:\[[0-9A-Fa-f:.]+\]|[^\s@/\\?#:[\]]+)(?::\d*)?$/;

/**
 * The host of a destination as the WHATWG URL parser sees it (lower case, IPv4 in dotted decimal, IPv6 without brackets and
 * compressed, IDNA in ASCII), never a piece of the text that looks like one.
 *
 * @returns `undefined` when the destination is no URL and no host.
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
  // A scheme that the URL standard does not know (`nats://`) leaves the host unparsed: read it again as a known one.
  if (parsed.origin === 'null' && parsed.host !== '') {
    return hostOf(`http://${parsed.host}`);
  }
  return unbracket(parsed.hostname);
}

function unbracket(hostname: string): string | undefined {
  if (hostname === '') return undefined;
  return hostname.startsWith('[') ? hostname.slice(1, -1) : hostname;
}

// RFC 4007, section 11: `fe80::1%eth0`; a URL has no place for the zone, and egress does not depend on it.
function withoutZone(address: string): string {
  const percent = address.indexOf('%');
  return percent === -1 ? address : address.slice(0, percent);
}
