import { BASELINE, type LaneContext, type Lanes, NO_SOURCES } from '@laneway/core';
import type { CapturedRequest } from './captured-request.js';
import { stripTarget } from './strip-target.js';

/**
 * Returns the lane of a request, `BASELINE` when it has none. Never throws: a request without headers (WebTransport, test doubles,
 * serverless platforms) has no lane.
 *
 * If the policy does not trust everyone, and the request has no lane for it, the lane headers are removed from the request. Otherwise code
 * that forwards the request's headers would forward the lane of an untrusted sender. The query parameter that names the lane is removed
 * from the request's URL, too.
 *
 * @param auth what the client sent to authenticate, for the source `auth` @default none
 */
export function captureRequest(
  lanes: Lanes,
  request: CapturedRequest | null | undefined,
  auth?: unknown,
): LaneContext {
  const { trust, sources } = lanes.policy;
  const headers = readHeaders(request);
  // Without a request, only `auth` may name the lane.
  if (!request || !headers) return sources === NO_SOURCES ? BASELINE : lanes.capture({}, { auth });
  if (trust === 'all')
    return lanes.capture(headers, sources === NO_SOURCES ? undefined : { url: request.url, auth });
  const address = request.socket?.remoteAddress;
  const lane = lanes.capture(headers, { address, request, url: request.url, auth });
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
  stripTarget(lanes, request);
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
