import type { ClientRequest } from 'node:http';
import { replaceFlushedHeaders } from './flushed-headers.js';
import { type SentHeaders, withoutInjectedBaggage } from './injected-baggage.js';
import type { CallLane } from './lane-agent.js';
import { forwardTarget } from './request-target.js';

/** A request that is not sent yet, as far as its headers go: a `ClientRequest`, or what looks like one. */
export type UnsentRequest = Pick<
  ClientRequest,
  'getHeaders' | 'setHeader' | 'removeHeader' | 'headersSent' | 'path' | 'method'
>;

/** A header that was changed. */
export interface HeaderChange {
  /** In lower case. */
  readonly name: string;
  /** What the client had set; `undefined` for nothing. */
  readonly own: unknown;
  /** What leaves; `undefined` for nothing. */
  readonly sent: unknown;
}

/**
 * Attaches a lane to a request that is made, and not sent yet.
 *
 * @param to where it goes; `undefined` when Node must judge that itself
 * @returns what was changed, for clients that copy the headers of a request to the next one
 */
export function attachRequest(
  request: UnsentRequest,
  to: string | undefined,
  call: CallLane,
): readonly HeaderChange[] {
  const before: SentHeaders = request.getHeaders();
  const own = withoutInjectedBaggage(before, call.baggage);
  const laned = to === undefined ? own : attachToHop(own, to, request, call);
  if (laned === before) return [];
  const changes: HeaderChange[] = [];
  for (const name in laned)
    if (laned[name] !== before[name]) changes.push({ name, own: own[name], sent: laned[name] });
  // The one that is taken away.
  if (before.baggage !== undefined && laned.baggage === undefined)
    changes.push({ name: 'baggage', own: undefined, sent: undefined });
  const setHeaders = (): void => {
    for (const { name, sent } of changes) {
      if (sent === undefined) request.removeHeader(name);
      else request.setHeader(name, sent as string | string[]);
    }
  };
  if (request.headersSent) replaceFlushedHeaders(request as ClientRequest, setHeaders);
  else setHeaders();
  return changes;
}

function attachToHop(
  headers: SentHeaders,
  to: string,
  hop: UnsentRequest,
  { lanes, lane }: CallLane,
): SentHeaders {
  const beyond = forwardTarget(hop);
  // Both the proxy and what it is asked for must be allowed: neither may see the lane else.
  if (beyond !== undefined && lanes.attach(headers, { to: beyond, lane }) === headers) return headers;
  return lanes.attach(headers, { to, lane });
}
