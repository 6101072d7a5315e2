import type { Lanes } from '@laneway/core';
import type { Received } from './secure-echo.fixture.js';

/** How many calls arrived with another lane, without their lane, or with a lane that the caller does not have. */
export interface Counts {
  readonly wrong: number;
  readonly lost: number;
  readonly leaked: number;
}

const CALLERS = ['alice', 'bob', undefined, 'carol'];
const ROUNDS = 10;
// The keys differ as well, so two lanes that are merged show up.
const baggageOf = (caller: string): string => `lane=${caller},of-${caller}=1`;

/**
 * Calls in three lanes and at the baseline: first all at once before the session is open, then all at once and one by one over the open
 * session.
 */
export async function countInterleaved(lanes: Lanes, call: () => Promise<Received>): Promise<Counts> {
  const counts = { wrong: 0, lost: 0, leaked: 0 };
  const callIn = async (caller: string | undefined): Promise<void> => {
    const { version, baggage } = await (caller === undefined
      ? lanes.baseline(call)
      : lanes.run(lanes.capture({ version: caller, baggage: baggageOf(caller) }), call));
    const hasNone = version === undefined && baggage === undefined;
    if (caller === undefined) counts.leaked += hasNone ? 0 : 1;
    else if (hasNone) counts.lost++;
    else if (version !== caller || baggage !== baggageOf(caller)) counts.wrong++;
  };
  const callers = Array.from({ length: ROUNDS }, () => CALLERS).flat();
  await Promise.all(callers.map(callIn));
  await Promise.all(callers.map(callIn));
  for (const caller of callers) await callIn(caller);
  return counts;
}

/** The number of calls in a lane that {@link countInterleaved} makes. */
export const CALLS_IN_LANES: number = 3 * 3 * ROUNDS;
