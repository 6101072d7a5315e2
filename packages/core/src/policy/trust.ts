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
 *   on a socket in the file system, is in none; an empty list trusts nobody
 * - a function: those that it returns `true` for. One that throws, or returns a promise, trusts nobody; an async function is refused
 *   at start-up
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
  let warned = false;
  const refusePromise = (promise: PromiseLike<unknown>): void => {
    // Nobody else waits for it, so its rejection would end the process.
    Promise.resolve(promise).catch(() => {});
    if (warned) return;
    warned = true;
    process.emitWarning(
      'The trust function returned a promise, which counts as no: the request does not wait for it. ' +
        'Write a function that returns true or false, and load what it needs before the server starts.',
      { type: 'LanewayWarning', code: 'LANEWAY_TRUST_PROMISE' },
    );
  };
  return (from, headers) => {
    try {
      const trusted: unknown = trust({
        address: from?.address,
        request: from?.request,
        headers,
        header: (name) => findHeader(headers, name),
      });
      // Nothing but `true`: any other value, such as a promise, would otherwise trust everybody.
      if (trusted === true) return true;
      if (isThenable(trusted)) refusePromise(trusted);
      return false;
    } catch {
      return false;
    }
  };
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof (value as { then?: unknown } | null | undefined)?.then === 'function';
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
