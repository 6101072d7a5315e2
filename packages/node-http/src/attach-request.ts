import type { ClientRequest } from 'node:http';
import type { AttachedHeader, Destination } from '@laneway/core';
import { replaceFlushedHeaders } from './flushed-headers.js';
import type { CallLane } from './call-lane.js';
import { forwardTarget } from './request-target.js';

/** The part of an unsent request that Laneway uses: a `ClientRequest`, or an object with the same methods. */
export type UnsentRequest = Pick<
  ClientRequest,
  'getHeader' | 'setHeader' | 'headersSent' | 'path' | 'method'
>;

const NONE: readonly AttachedHeader[] = Object.freeze([]);

/**
 * Attaches a lane to a request that exists and is not sent yet.
 *
 * @param to the host that it connects to; `undefined` when Node rejects its options
 * @returns the headers that were added or changed, for clients that copy the headers of one hop to the next
 */
export function attachRequest(
  request: UnsentRequest,
  to: string | undefined,
  { lanes, lane }: CallLane,
): readonly AttachedHeader[] {
  if (to === undefined) return NONE;
  const forwarded = forwardTarget(request);
  const destinations: Destination | Destination[] = forwarded === undefined ? to : [to, forwarded];
  // Only the baggage is merged: copying all headers of a request would cost more than attaching the lane.
  const baggage: unknown = request.getHeader('baggage');
  const before = baggage === undefined ? {} : { baggage };
  const after: Record<string, unknown> = lanes.attach(before, { to: destinations, lane });
  if (after === before) return NONE;
  const attached: AttachedHeader[] = [];
  // Not `for in`: some code adds properties to Object.prototype.
  for (const name of Object.keys(after)) {
    const existing = name === 'baggage' ? baggage : request.getHeader(name);
    // A header that the client set wins; baggage is merged.
    if (existing === undefined || (name === 'baggage' && existing !== after[name]))
      attached.push({ name, before: existing, after: after[name] });
  }
  if (attached.length === 0) return NONE;
  const setHeaders = (): void => {
    for (const header of attached) request.setHeader(header.name, header.after as string | string[]);
  };
  if (request.headersSent) replaceFlushedHeaders(request as ClientRequest, setHeaders);
  else setHeaders();
  return attached;
}
