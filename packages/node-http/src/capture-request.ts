import type { IncomingMessage } from 'node:http';
import { BASELINE, type LaneContext, type Lanes } from '@laneway/core';

/** The part of a request of `node:http` or `node:http2` that Laneway reads. */
export type CapturedRequest = Pick<IncomingMessage, 'headers'> &
  Partial<Pick<IncomingMessage, 'rawHeaders' | 'headersDistinct'>> & {
    readonly socket?: IncomingMessage['socket'] | undefined;
  };

/**
 * Returns the lane of a request, `BASELINE` when it has none. Never throws: a request without headers (WebTransport, test doubles,
 * serverless platforms) has no lane.
 *
 * If the policy does not trust everyone, and the request has no lane for it, the lane headers are removed from the request. Otherwise code
 * that forwards the request's headers would forward the lane of an untrusted sender.
 */
export function captureRequest(lanes: Lanes, request: CapturedRequest | null | undefined): LaneContext {
  const headers = readHeaders(request);
  if (!request || !headers) return BASELINE;
  if (lanes.policy.trust === 'all') return lanes.capture(headers);
  const lane = lanes.capture(headers, { address: request.socket?.remoteAddress, request });
  if (lane === BASELINE) stripRequest(lanes, request);
  return lane;
}

function readHeaders(request: CapturedRequest | null | undefined): CapturedRequest['headers'] | undefined {
  try {
    const headers: unknown = request?.headers;
    return typeof headers === 'object' ? (headers as CapturedRequest['headers']) : undefined;
  } catch {
    return undefined;
  }
}

/** Removes the lane headers in place, because other code has references to these objects, such as socket.io's handshake. */
function stripRequest(lanes: Lanes, request: CapturedRequest): void {
  const { headers, rawHeaders } = request;
  if (lanes.strip(headers) === headers) return;
  // Read before the raw headers change, because Node computes it from them at first use.
  const { headersDistinct } = request;
  for (const record of [headers, headersDistinct]) if (record !== undefined) stripRecord(lanes, record);
  // Test doubles and requests of serverless platforms may have no raw headers.
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
