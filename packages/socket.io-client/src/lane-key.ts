import type { LaneContext, Lanes } from '@laneway/core';

/**
 * Returns a text that is equal for lane contexts with equal headers.
 *
 * Not the lane's name: a server runs everything of a connection with all entries of its handshake, so callers with different entries cannot
 * share one.
 */
export function laneKey(lanes: Lanes, lane: LaneContext, destination: string): string {
  const headers = lanes.attach(undefined, { to: destination, lane });
  return headers === undefined ? '' : JSON.stringify(headers);
}

/** Whether a key is that of the baseline, which is also that of every lane if egress does not allow the destination. */
export function isBaselineKey(key: string): boolean {
  return key === '';
}
