import { isIP } from 'node:net';
import { createAddressMatcher, parseBlock } from './address-block.js';
import { type Carrier, forEachHeader, headerText } from '../headers/carrier.js';

/** Who sent what is captured. */
export interface Sender {
  /** The peer's address, such as `socket.remoteAddress`; never one that a header claims. */
  readonly address?: string | undefined;
  /** What the transport knows of the request, such as an `IncomingMessage`: its socket tells of a client certificate. */
  readonly request?: unknown;
}

/** A sender and the headers that it sent. */
export interface Sent extends Sender {
  readonly headers: Carrier;
  /** The text of one header, without regard to case; of several fields the list of them, `undefined` for none. */
  readonly header: (name: string) => string | undefined;
}

/**
 * Whose lanes are carried.
 *
 * - `all`: everybody's; inside a mesh, where strangers do not call
 * - `none`: nobody's; at the edge, where lanes are only dyed
 * - addresses and CIDR blocks: those of peers in one of them, a load balancer or a gateway; a peer without an address, such as one
 *   on a socket in the file system, is in none
 * - a function: those that it returns `true` for; one that throws trusts nobody
 */
export type Trust = 'all' | 'none' | readonly string[] | ((sent: Sent) => boolean);

/** Decides whether a sender may set a lane. */
export type Trusts = (from: Sender | undefined, headers: Carrier) => boolean;

const REMEMBERED = 1024;

/** @returns `undefined` when everybody is trusted, and there is nothing to decide */
export function createTrust(trust: Trust): Trusts | undefined {
  if (trust === 'all') return undefined;
  if (trust === 'none') return () => false;
  if (typeof trust === 'function') return askTrust(trust);
  const isInBlock = createAddressMatcher(trust.flatMap((rule) => parseBlock(rule) ?? []));
  const decisions = new Map<string, boolean>();
  return (from) => {
    const address = from?.address;
    if (address === undefined) return false;
    const known = decisions.get(address);
    if (known !== undefined) return known;
    const bare = address.replace(/%.*$/, ''); // a zone: RFC 4007, section 11
    const decision = isIP(bare) !== 0 && isInBlock(bare);
    if (decisions.size === REMEMBERED) decisions.clear();
    decisions.set(address, decision);
    return decision;
  };
}

function askTrust(trust: (sent: Sent) => boolean): Trusts {
  return (from, headers) => {
    try {
      // Nothing but `true`: a promise, of a function that is async by mistake, would else trust everybody.
      const trusted: unknown = trust({
        address: from?.address,
        request: from?.request,
        headers,
        header: (name) => findHeader(headers, name),
      });
      return trusted === true;
    } catch {
      return false;
    }
  };
}

function findHeader(headers: Carrier, wanted: string): string | undefined {
  const lower = wanted.toLowerCase();
  let found: string | undefined;
  forEachHeader(headers, 1 << (lower.length & 31), (name, value) => {
    if (name.toLowerCase() !== lower || value === undefined || value === null) return;
    found = found === undefined ? headerText(value) : `${found}, ${headerText(value)}`;
  });
  return found;
}
