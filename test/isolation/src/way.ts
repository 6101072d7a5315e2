import type { Lanes } from '@laneway/core';
import type { Setup } from './client.js';

/** What attaches lanes to calls. */
export type WayName = 'wrapped' | 'instrumented' | 'opentelemetry';

/** One way to keep the lane: with Laneway or with OpenTelemetry. */
export interface Way {
  /** Runs a function in a lane; `undefined` is the baseline. */
  run<T>(lane: string | undefined, fn: () => T): T;
  bind(fn: () => void): () => void;
  readonly wrap: Setup['wrap'];
}

/** A header that carries lanes. */
export type LaneHeader = 'x-lane' | 'baggage';

/** The headers that a call in a lane must carry to internal hosts. OpenTelemetry carries only baggage. */
export const laneHeaders: Readonly<Record<WayName, readonly LaneHeader[]>> = {
  wrapped: ['x-lane', 'baggage'],
  instrumented: ['x-lane', 'baggage'],
  opentelemetry: ['baggage'],
};

/** Returns the exact value of a header in a lane. */
export function headerValue(header: LaneHeader, lane: string): string {
  return header === 'x-lane' ? lane : `lane=${lane},user=u-${lane}`;
}

/** Creates the way of Laneway, with wrapped clients or with `instrumentHttp`. */
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
