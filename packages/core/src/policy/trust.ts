import { isIP } from 'node:net';
import { createAddressMatcher, parseBlock } from './address-block.js';
import { type Carrier, forEachHeader, headerText } from '../headers/carrier.js';

/** The sender of inbound headers. */
export interface Sender {
  /** The address of the connection's peer, such as `socket.remoteAddress`; never one from a header. */
  readonly address?: string | undefined;
  /** The request object of the transport, such as an `IncomingMessage`, whose socket has the client certificate. */
  readonly request?: unknown;
  /** The request target (`/path?query`) or the URL of the request, for the source `query`. */
  readonly url?: string | undefined;
  /** What the client sent to authenticate, such as `handshake.auth` of socket.io, for the source `auth`. */
  readonly auth?: unknown;
}

/** A sender and the headers that it sent. */
export interface Sent extends Sender {
  readonly headers: Carrier;
  /** Returns a header by name, ignoring case; `undefined` if there is none. Several fields are joined to a list. */
  readonly header: (name: string) => string | undefined;
}

/**
 * Whose lanes to accept.
 *
 * - `all`: everyone's. Use it inside a mesh, where only internal services call.
 * - `none`: no sender's. Use it at the edge, where the gateway sets the lane.
 * - a list of addresses and CIDR blocks: those of peers in the list, such as a gateway. A peer without an address (on a Unix socket) is never in
 *   the list. An empty list trusts no sender.
 * - a function: those of senders for which it returns `true`. If it throws or returns a promise, the sender is not trusted. An async function
 *   is rejected at start-up.
 */
export type Trust = 'all' | 'none' | readonly string[] | ((sent: Sent) => boolean);

/** Decides whether a sender may set a lane. */
export type Trusts = (from: Sender | undefined, headers: Carrier) => boolean;

const REMEMBERED = 1024;

/** @returns `undefined` when everyone is trusted */
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
    const bare = address.replace(/%.*$/, ''); // Without the zone (RFC 4007, section 11).
    const decision = isIP(bare) !== 0 && isInBlock(bare);
    if (decisions.size === REMEMBERED) decisions.clear();
    decisions.set(address, decision);
    return decision;
  };
}

function askTrust(trust: (sent: Sent) => boolean): Trusts {
  let warned = false;
  const refusePromise = (promise: PromiseLike<unknown>): void => {
    // Without a handler, a rejection of this promise would end the process.
    Promise.resolve(promise).catch(() => {});
    if (warned) return;
    warned = true;
    process.emitWarning(
      'The trust function returned a promise. The request does not wait for it, so the sender is not trusted. ' +
        'Write a function that returns true or false, and load what it needs before the server starts.',
      { type: 'LanewayWarning', code: 'LANEWAY_TRUST_PROMISE' },
    );
  };
  return (from, headers) => {
    try {
      const trusted: unknown = trust({
        address: from?.address,
        request: from?.request,
        url: from?.url,
        auth: from?.auth,
        headers,
        header: (name) => findHeader(headers, name),
      });
      // Only `true`: a promise is truthy and would otherwise trust everyone.
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
