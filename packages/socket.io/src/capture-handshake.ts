import { BASELINE, type LaneContext, type Lanes } from '@laneway/core';
import { captureRequest } from '@laneway/node-http';
import type { HandshakeSocket } from './handshake-socket.js';

/**
 * Returns the lane of a socket's handshake, `BASELINE` when it has none: from its headers, or from a source that the policy names.
 *
 * Where the policy does not trust everyone, the lane of a handshake without one is removed from the request and from `socket.handshake`.
 */
export function captureHandshake(lanes: Lanes, { request, handshake }: HandshakeSocket): LaneContext {
  const lane = captureRequest(lanes, request, handshake?.auth);
  if (lane !== BASELINE || lanes.policy.trust === 'all' || !handshake) return lane;
  const { auth, query } = lanes.policy.sources;
  removeProperty(handshake.auth, auth);
  removeProperty(handshake.query, query);
  if (handshake.url !== undefined) handshake.url = lanes.stripUrl(handshake.url);
  return lane;
}

function removeProperty(record: unknown, name: string | undefined): void {
  if (name !== undefined && typeof record === 'object' && record !== null)
    Reflect.deleteProperty(record, name);
}
