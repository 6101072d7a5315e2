import type { ClientRequest } from 'node:http';
import { replaceFlushedHeaders } from './flushed-headers.js';
import { clientBaggage } from './injected-baggage.js';
import type { CallLane } from './lane-agent.js';
import { forwardTarget } from './request-target.js';

/** A request that is not sent yet, as far as its headers go: a `ClientRequest`, or what looks like one. */
export type UnsentRequest = Pick<
  ClientRequest,
  'getHeader' | 'setHeader' | 'removeHeader' | 'headersSent' | 'path' | 'method'
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
  const set: unknown = request.getHeader('baggage');
  const own = clientBaggage(set, call.baggage);
  const changes: HeaderChange[] = [];
  if (to !== undefined) attachToHop(changes, request, to, own, call);
  // It was not the client's, and there is nothing to merge.
  if (own !== set && changes.every(({ name }) => name !== 'baggage'))
    changes.push({ name: 'baggage', own, sent: own });
  if (changes.length === 0) return changes;
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

/** Asks for no more than what may be there already: to copy all headers of a request costs more than to attach a lane. */
function attachToHop(
  changes: HeaderChange[],
  request: UnsentRequest,
  to: string,
  baggage: unknown,
  { lanes, lane }: CallLane,
): void {
  const own = baggage === undefined ? {} : { baggage };
  const beyond = forwardTarget(request);
  // Both the proxy and what it is asked for must be allowed: neither may see the lane else.
  if (beyond !== undefined && lanes.attach(own, { to: beyond, lane }) === own) return;
  const laned: Record<string, unknown> = lanes.attach(own, { to, lane });
  if (laned === own) return;
  for (const name in laned) {
    const sent = laned[name];
    if (name === 'baggage') {
      if (sent !== baggage) changes.push({ name, own: baggage, sent });
    } else if (request.getHeader(name) === undefined) changes.push({ name, own: undefined, sent });
  }
}
