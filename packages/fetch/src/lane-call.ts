import type { LaneContext, Lanes, snapshot } from '@laneway/core';

/** What a call of fetch takes with it to each of its hops. */
export interface LaneCall {
  readonly lanes: Lanes;
  /** The lane of the code that called. */
  readonly lane: LaneContext;
  /** Runs a function in the context of the code that called. */
  readonly enter: ReturnType<typeof snapshot>;
}
