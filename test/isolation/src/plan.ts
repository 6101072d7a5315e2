import { type SituationName, situationNames, shares } from './situations.js';

/** How many lanes call at the same time. */
export const LANES = 200;
// Beside the lanes there are callers without one.
const CALLERS = LANES + 10;
// The calls that wait for a timeout come together, in every tenth round, so that they wait at the same time.
const TIMEOUT_EVERY = 10;

/** One call: who makes it and in which situation. */
export interface PlannedCall {
  readonly id: number;
  readonly round: number;
  /** The lane that the caller lives in, and starts from. */
  readonly caller: string | undefined;
  /** The lane that the call is made in; `undefined` is the baseline. */
  readonly lane: string | undefined;
  readonly situation: SituationName;
}

/** All calls of a run. The same number of calls is always the same plan. */
export interface Plan {
  readonly calls: readonly PlannedCall[];
  readonly callers: number;
  readonly rounds: number;
}

/** Plans at least so many calls, in whole rounds: in each, every caller makes one call, in a situation of its own. */
export function makePlan(atLeast: number): Plan {
  const rounds = Math.ceil(atLeast / CALLERS);
  const slots = situationNames.flatMap((name) => Array.from({ length: shares[name] }, () => name));
  const calls = Array.from({ length: rounds * CALLERS }, (_, id): PlannedCall => {
    const round = Math.floor(id / CALLERS);
    const caller = id % CALLERS;
    if (caller >= LANES) return { id, round, caller: undefined, lane: undefined, situation: 'baseline' };
    const waits = round % TIMEOUT_EVERY === 0 && caller % 10 === 9;
    // 37 and 100 have no common factor: neighbours are in different situations, and each gets its share.
    const slot = slots[(caller * 37 + round * 11) % slots.length] as SituationName;
    const situation = waits ? 'timeout' : slot;
    const lane = `lane-${caller}`;
    return { id, round, caller: lane, lane: situation === 'baseline' ? undefined : lane, situation };
  });
  return { calls, callers: CALLERS, rounds };
}
