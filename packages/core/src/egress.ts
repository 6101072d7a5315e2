import { BlockList, isIP } from 'node:net';
import { parseHost } from './host.js';
import type { Destination } from './lanes.js';

/**
 * The destinations that lane data may always leave for: loopback, private (RFC 1918, RFC 4193) and link-local (RFC 3927,
 * RFC 4291) addresses, and the names of a cluster. Beside these, every single-label name (`helloworld`) is allowed.
 */
export const DEFAULT_EGRESS: readonly string[] = [
  '127.0.0.0/8',
  '::1/128',
  '10.0.0.0/8',
  '172.16.0.0/12',
  '192.168.0.0/16',
  'fc00::/7',
  '169.254.0.0/16',
  'fe80::/10',
  '*.svc',
  '*.cluster.local',
  '*.internal',
  '*.local',
  '*.localhost',
];

/** What egress decided about a destination. */
export interface EgressDecision {
  readonly allowed: boolean;
  /** The parsed host; empty when the destination has none. */
  readonly host: string;
}

/** Decides whether lane data may leave for a destination. */
export type Egress = (to: Destination) => EgressDecision;

const REMEMBERED = 1024;
const NOWHERE: EgressDecision = { allowed: false, host: '' };

/**
 * Makes the egress of some rules, the default ones included. A decision is remembered by the destination's text, so that the
 * number of rules does not matter on the hot path.
 */
export function createEgress(rules: readonly string[]): Egress {
  const allows = createHostMatcher([...DEFAULT_EGRESS, ...rules]);
  const decisions = new Map<string, EgressDecision>();
  let lastText = '';
  let last = NOWHERE;
  return (to) => {
    const text = typeof to === 'string' ? to : to.host;
    // Clients make the text anew for each call: comparing it is cheaper than finding it by its hash.
    if (text === lastText) return last;
    const decision = decisions.get(text) ?? decide(to, text);
    lastText = text;
    last = decision;
    return decision;
  };

  function decide(to: Destination, text: string): EgressDecision {
    const host = parseHost(to);
    const decision = host === undefined ? NOWHERE : { allowed: allows(host), host };
    if (decisions.size === REMEMBERED) decisions.clear();
    decisions.set(text, decision);
    return decision;
  }
}

function createHostMatcher(rules: readonly string[]): (host: string) => boolean {
  const blocks = new BlockList();
  const names = new Set<string>();
  const suffixes: string[] = [];
  for (const rule of rules) {
    const block = parseBlock(rule);
    if (block !== undefined) blocks.addSubnet(block.address, block.prefix, block.family);
    else if (rule.startsWith('*.')) suffixes.push(canonicalName(rule.slice(1)));
    else names.add(canonicalName(rule));
  }
  return (host) => {
    const version = isIP(host);
    // BlockList compares an IPv4-mapped IPv6 address (`::ffff:a00:1`) as the IPv4 address that it is.
    if (version !== 0) return blocks.check(host, version === 4 ? 'ipv4' : 'ipv6');
    // A trailing dot marks an absolute name: `ai.` is a top-level domain, not a service of this cluster.
    if (!host.includes('.')) return true;
    const name = host.endsWith('.') ? host.slice(0, -1) : host;
    if (name === 'localhost') return true; // RFC 6761, section 6.3
    return names.has(name) || suffixes.some((suffix) => name.length > suffix.length && name.endsWith(suffix));
  };
}

interface Block {
  readonly address: string;
  readonly prefix: number;
  readonly family: 'ipv4' | 'ipv6';
}

/** Reads an address or a CIDR block; `undefined` for anything else. */
function parseBlock(rule: string): Block | undefined {
  const [address = '', bits, rest] = rule.split('/');
  const version = isIP(address);
  if (version === 0 || rest !== undefined) return undefined;
  const widest = version === 4 ? 32 : 128;
  if (bits !== undefined && (!/^\d{1,3}$/.test(bits) || Number(bits) > widest)) return undefined;
  return {
    address,
    prefix: bits === undefined ? widest : Number(bits),
    family: version === 4 ? 'ipv4' : 'ipv6',
  };
}

function canonicalName(name: string): string {
  const dotted = name.startsWith('.');
  const host = parseHost(dotted ? name.slice(1) : name) ?? name;
  return dotted ? `.${host}` : host;
}

/** Tells what is wrong with an egress rule, `undefined` when nothing is. */
export function checkEgressRule(rule: string): string | undefined {
  if (parseBlock(rule) !== undefined) return undefined;
  if (rule === '*' || rule === '*.') return 'allows every destination, strangers included.';
  if (rule.includes('://')) return 'is a URL, not a host.';
  if (/^\[.*\]:\d+$|^[^:]+:\d+$/.test(rule)) return 'names a port, and egress is decided by host.';
  const name = rule.startsWith('*.') ? rule.slice(2) : rule;
  if (name.includes('*')) return 'has a * that is not the whole first label.';
  if (name.includes('/')) return 'is not a CIDR block.';
  return parseHost(name) === undefined || name === '' ? 'is not a host name.' : undefined;
}
