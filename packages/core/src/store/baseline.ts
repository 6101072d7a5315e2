import type { LaneContext } from './lane-context.js';
import { isLane, LaneEntries } from './lane-entries.js';

// One object in the process, so that `lanes.current() === BASELINE` holds across ESM, CommonJS and duplicate installs.
const SLOT = Symbol.for('laneway.baseline.1');
const registry = globalThis as { [SLOT]?: LaneContext };

/** The empty lane context, in which everything without a lane runs. */
export const BASELINE: LaneContext = (registry[SLOT] ??= new LaneEntries(undefined, [], ''));

/** Whether a lane context carries nothing. */
export function isBaseline(lane: LaneContext): boolean {
  return lane === BASELINE || (isLane(lane) && lane.headers.length === 0 && lane.baggage === '');
}
