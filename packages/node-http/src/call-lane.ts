import type { LaneContext, Lanes } from '@laneway/core';

/** What a call takes with it to each of its hops. */
export interface CallLane {
  readonly lanes: Lanes;
  /** The lane of the code that called. */
  readonly lane: LaneContext;
}
