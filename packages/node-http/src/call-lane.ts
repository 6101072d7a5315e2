import type { LaneContext, Lanes } from '@laneway/core';

/** The lane of one call, for all its hops. */
export interface CallLane {
  readonly lanes: Lanes;
  /** The lane context of the caller. */
  readonly lane: LaneContext;
}
