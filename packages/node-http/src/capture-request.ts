import type { IncomingMessage } from 'node:http';
import { BASELINE, type LaneContext, type Lanes } from '@laneway/core';

/** What is read of a request: those of `node:http` have it, and of `node:http2`. */
export type CapturedRequest = Pick<IncomingMessage, 'headers'> &
  Partial<Pick<IncomingMessage, 'rawHeaders' | 'headersDistinct'>> & {
    readonly socket?: IncomingMessage['socket'] | undefined;
  };

/**
 * Captures the lane of a request. Where the policy does not trust everybody, a request that brings no lane, or may bring none, has no
 * lane headers any more: code that forwards a request's headers would else forward a stranger's lane.
 */
export function captureRequest(lanes: Lanes, request: CapturedRequest): LaneContext {
  if (lanes.policy.trust === 'all') return lanes.capture(request.headers);
  const lane = lanes.capture(request.headers, { address: request.socket?.remoteAddress, request });
  if (lane === BASELINE) stripRequest(lanes, request);
  return lane;
}

/** In place, as others hold these very objects: socket.io's handshake for one. */
function stripRequest(lanes: Lanes, request: CapturedRequest): void {
  const { headers, rawHeaders } = request;
  if (lanes.strip(headers) === headers) return;
  // Read before the raw headers change: Node makes it of those, and of their number at the start.
  const { headersDistinct } = request;
  for (const record of [headers, headersDistinct]) if (record !== undefined) stripRecord(lanes, record);
  // Requests of test doubles and of serverless platforms may have none.
  rawHeaders?.splice(0, rawHeaders.length, ...lanes.strip(rawHeaders));
}

function stripRecord(lanes: Lanes, record: Record<string, unknown>): void {
  const kept = lanes.strip(record);
  for (const [name, value] of Object.entries(record)) {
    const left = kept[name];
    if (left === undefined) Reflect.deleteProperty(record, name);
    else if (left !== value) record[name] = Array.isArray(value) ? [left] : left;
  }
}
