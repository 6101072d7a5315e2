import type { Lanes } from '@laneway/core';
import type { Setup } from './client.js';

/** How lanes get onto the calls. */
export type WayName = 'wrapped' | 'instrumented' | 'opentelemetry';

/** One way to keep the lane: Laneway's, or OpenTelemetry's. */
export interface Way {
  /** Runs in a lane; `undefined` is the baseline. */
  run<T>(lane: string | undefined, fn: () => T): T;
  bind(fn: () => void): () => void;
  readonly wrap: Setup['wrap'];
}

/** A header that lanes are in. */
export type LaneHeader = 'x-lane' | 'baggage';

/** The headers that a laned call must carry to destinations that may have it: OpenTelemetry carries nothing but baggage. */
export const laneHeaders: Readonly<Record<WayName, readonly LaneHeader[]>> = {
  wrapped: ['x-lane', 'baggage'],
  instrumented: ['x-lane', 'baggage'],
  opentelemetry: ['baggage'],
};

/** What a call in a lane carries, header by header, to the letter. */
export function headerValue(header: LaneHeader, lane: string): string {
  return header === 'x-lane' ? lane : `lane=${lane},user=u-${lane}`;
}

/** Lanes by Laneway; without a wrapper, where `instrumentHttp` does it. */
export function laneway(lanes: Lanes, wrapped: boolean): Way {
  const contexts = new Map<string, ReturnType<Lanes['capture']>>();
  const contextOf = (lane: string): ReturnType<Lanes['capture']> => {
    const known = contexts.get(lane);
    if (known !== undefined) return known;
    const headers = { 'x-lane': lane, baggage: headerValue('baggage', lane) };
    const captured = lanes.capture(headers);
    contexts.set(lane, captured);
    return captured;
  };
  return {
    run: (lane, fn) => (lane === undefined ? lanes.baseline(fn) : lanes.run(contextOf(lane), fn)),
    bind: (fn) => lanes.bind(fn),
    wrap: (client, lane) => (wrapped ? lane(client, lanes) : client),
  };
}
