import { isIP } from 'node:net';
import { createAddressMatcher, parseBlock } from './address-block.js';
import { parseHost } from './host.js';
import type { Destination } from '../lanes.js';

/**
 * The destinations to which lane data may always be sent: loopback, private (RFC 1918, RFC 4193) and link-local (RFC 3927, RFC 4291)
 * addresses, and the names of a cluster. Every single-label name (`helloworld`) is allowed too.
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

/** The decision of egress about a destination. */
export interface EgressDecision {
  readonly allowed: boolean;
  /** The parsed host; `''` when the destination has none. */
  readonly host: string;
}

/** Decides whether lane data may be sent to a destination. */
export type Egress = (to: Destination) => EgressDecision;

const REMEMBERED = 1024;
const NOWHERE: EgressDecision = { allowed: false, host: '' };

/**
 * Returns the egress of the given rules and the default ones. Decisions are cached by the text of the destination, so the number of rules
 * does not matter on the hot path.
 */
export function createEgress(rules: readonly string[]): Egress {
  const allows = createHostMatcher([...DEFAULT_EGRESS, ...rules]);
  const decisions = new Map<string, EgressDecision>();
  let lastText = '';
  let last = NOWHERE;
  return (to) => {
    const text = typeof to === 'string' ? to : to.host;
    // Compared before the lookup: clients build a new string for each call, and V8 would have to hash it.
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
  const isInBlock = createAddressMatcher(rules.flatMap((rule) => parseBlock(rule) ?? []));
  const names = new Set<string>();
  const suffixes: string[] = [];
  for (const rule of rules) {
    if (parseBlock(rule) !== undefined) continue;
    if (rule.startsWith('*.')) suffixes.push(canonicalName(rule.slice(1)));
    else names.add(canonicalName(rule));
  }
  return (host) => {
    if (isIP(host) !== 0) return isInBlock(host);
    // Not `ai.`: a trailing dot marks an absolute name, here a top-level domain.
    if (!host.includes('.')) return true;
    const name = host.endsWith('.') ? host.slice(0, -1) : host;
    if (name === 'localhost') return true; // RFC 6761, section 6.3
    return names.has(name) || suffixes.some((suffix) => name.length > suffix.length && name.endsWith(suffix));
  };
}

function canonicalName(name: string): string {
  const dotted = name.startsWith('.');
  const host = parseHost(dotted ? name.slice(1) : name) ?? name;
  return dotted ? `.${host}` : host;
}

/** Returns what is wrong with an egress rule; `undefined` when it is valid. */
export function checkEgressRule(rule: string): string | undefined {
  if (parseBlock(rule) !== undefined) return undefined;
  if (rule === '*' || rule === '*.') return 'allows every destination, external hosts included.';
  if (rule.includes('://')) return 'is a URL, not a host.';
  if (/^\[.*\]:\d+$|^[^:]+:\d+$/.test(rule)) return 'has a port, but egress checks only the host.';
  const name = rule.startsWith('*.') ? rule.slice(2) : rule;
  if (name.includes('*')) return 'has a * that is not the whole first label.';
  if (name.includes('/')) return 'is not a CIDR block.';
  return parseHost(name) === undefined || name === '' ? 'is not a host name.' : undefined;
}
