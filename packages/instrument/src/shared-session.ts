import type { ClientHttp2Session } from 'node:http2';
import { type Carrier, dropChannel } from '@laneway/core';
import { hasLanes, type SessionTarget } from '@laneway/http2';
import { isExport } from './exporter-calls.js';
import { userAgentOf } from './user-agent.js';

/**
 * Whether a library opens a session with these options of `http2.connect`, to share it between callers.
 *
 * Such a library queues requests, and sends them in the context of the code that opened the session, or of another request. A lane that
 * is taken there is often another caller's, so these sessions are left alone.
 *
 * The library negotiates the protocol before it opens the session. So it passes a connection (undici, http2-wrapper and with it got 11 to
 * 15, grpc-js) or the protocols of TLS (got 16). An application that does the same uses `laneHttp2`.
 */
export function isShared(options: unknown): boolean {
  const { createConnection, ALPNProtocols } = (options ?? {}) as Record<string, unknown>;
  return createConnection !== undefined || ALPNProtocols !== undefined;
}

/** Whether grpc-js sends these headers. Before version 1.12 it passes no connection when the channel uses TLS. */
export function isOfGrpcJs(headers: Carrier | undefined): boolean {
  return userAgentOf(headers).includes('grpc-node-js/');
}

/** Reports each request that a shared session sends in a lane. Returns the session. */
export function reportDrops(
  session: ClientHttp2Session,
  target: SessionTarget | undefined,
  isInLane: () => boolean,
): ClientHttp2Session {
  const { request } = session;
  session.request = (...args) => {
    if (dropChannel.hasSubscribers && isInLane() && isDropped(session, args[0] as Carrier | undefined))
      reportDrop(target?.host);
    return Reflect.apply(request, session, args);
  };
  return session;
}

function isDropped(session: ClientHttp2Session, headers: Carrier | undefined): boolean {
  return !hasLanes(session) && !isOfUndici(session) && !isExport(headers);
}

/**
 * undici's dispatchers attach the lane before they queue the request, so nothing is dropped. undici 6 to 8 keep their client on the
 * session. If a later version does not, its requests are reported as dropped, and shared-session.test.ts fails.
 */
function isOfUndici(session: ClientHttp2Session): boolean {
  return Object.getOwnPropertySymbols(session).some(({ description }) => description === 'client');
}

/** Publishes that a request carries no lane because a library shares its session. */
export function reportDrop(host: string | undefined): void {
  dropChannel.publish({
    reason: 'shared-session',
    direction: 'attach',
    ...(host === undefined ? {} : { host }),
  });
}
