import { type SituationName, situationNames, shares } from './situations.js';

/** How many lanes call at the same time. */
export const LANES = 200;
// Some callers have no lane.
const CALLERS = LANES + 10;
// Calls that wait for a timeout are in every tenth round, so that they wait at the same time.
const TIMEOUT_EVERY = 10;

/** One call: its caller and its situation. */
export interface PlannedCall {
  readonly id: number;
  readonly round: number;
  /** The lane of the caller. */
  readonly caller: string | undefined;
  /** The lane of the call; `undefined` is the baseline. */
  readonly lane: string | undefined;
  readonly situation: SituationName;
}

/** All calls of a run. The plan depends only on the number of calls. */
export interface Plan {
  readonly calls: readonly PlannedCall[];
  readonly callers: number;
  readonly rounds: number;
}

/** Plans at least this many calls, in whole rounds. In each round every caller makes one call, in different situations. */
export function makePlan(atLeast: number): Plan {
  const rounds = Math.ceil(atLeast / CALLERS);
  const slots = situationNames.flatMap((name) => Array.from({ length: shares[name] }, () => name));
  const calls = Array.from({ length: rounds * CALLERS }, (_, id): PlannedCall => {
    const round = Math.floor(id / CALLERS);
    const caller = id % CALLERS;
    if (caller >= LANES) return { id, round, caller: undefined, lane: undefined, situation: 'baseline' };
    const waits = round % TIMEOUT_EVERY === 0 && caller % 10 === 9;
    // 37 and 100 have no common factor, so neighbors get different situations and each situation gets its share.
    const slot = slots[(caller * 37 + round * 11) % slots.length] as SituationName;
    const situation = waits ? 'timeout' : slot;
    const lane = `lane-${caller}`;
    return { id, round, caller: lane, lane: situation === 'baseline' ? undefined : lane, situation };
  });
  return { calls, callers: CALLERS, rounds };
}
