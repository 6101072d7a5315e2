import { isFieldValue } from '../baggage/baggage-grammar.js';
import { fitEntries } from '../baggage/fit-entries.js';
import type { OutgoingHeader } from '../lanes.js';
import type { CompiledPolicy } from '../policy/compiled-policy.js';

/**
 * The most bytes of named and promoted headers together. With the largest baggage they take three quarters of the 16 KiB of headers that
 * Node's servers accept.
 */
export const MAX_HEADER_BYTES = 4096;

/**
 * Drops whole headers until the rest fits {@link MAX_HEADER_BYTES}; headers of the lane are dropped last.
 *
 * @returns `headers` itself when everything fits
 */
export function fitHeaders(
  headers: readonly OutgoingHeader[],
  policy: CompiledPolicy,
  onDrop: (header: OutgoingHeader) => void,
): readonly OutgoingHeader[] {
  if (areWithinLimits(headers)) return headers;
  const limits = {
    maxCount: Infinity,
    maxBytes: MAX_HEADER_BYTES,
    bytesOf: headerBytes,
    nameOf: ([name]: OutgoingHeader) => name,
    isLane: policy.isLaneHeader,
  };
  return fitEntries(headers, limits, onDrop);
}

/** Whether the value of a header may be sent. Also true for a header so large that {@link fitHeaders} drops it. */
export function isSendable(header: OutgoingHeader): boolean {
  return header[1].length > MAX_HEADER_BYTES || isFieldValue(header[1]);
}

/** Whether all headers together fit {@link MAX_HEADER_BYTES}. */
export function areWithinLimits(headers: readonly OutgoingHeader[]): boolean {
  let bytes = 0;
  for (const header of headers) bytes += headerBytes(header);
  return bytes <= MAX_HEADER_BYTES;
}

/** Returns the size of a header on the wire, in bytes. */
function headerBytes(header: OutgoingHeader): number {
  return header[0].length + header[1].length + 4; // `: ` and CR LF
}
