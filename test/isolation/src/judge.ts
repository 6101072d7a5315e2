import type { Plan, PlannedCall } from './plan.js';
import type { Outcome } from './run-calls.js';
import { mustArrive, type SituationName, situationNames } from './situations.js';
import type { Arrival } from './upstream.js';
import { headerValue, type LaneHeader } from './way.js';

/** The number of calls of one client in one situation. */
export interface Row {
  readonly situation: SituationName;
  readonly calls: number;
  /** Calls with data of another lane, with lane data at the baseline, with part of a lane, or with a lane twice. */
  readonly wrong: number;
  /** Calls whose lane, or part of it, did not arrive. */
  readonly lost: number;
  /** Calls that sent lane data to an external host. */
  readonly leaked: number;
}

/** The verdict on a run. */
export interface Verdict {
  readonly rows: readonly Row[];
  /** Why the figures prove nothing, such as calls that were never made. Empty if the figures are valid. */
  readonly doubts: readonly string[];
  /** An example of each kind of mistake and situation. */
  readonly examples: readonly string[];
}

type Mistake = 'wrong' | 'lost' | 'leaked';
const DOUBTS_SHOWN = 5;

/**
 * Compares the headers that arrived with the lanes of the calls. It does not depend on the clients or on Laneway.
 *
 * @param headers the headers that a call in a lane must carry; if empty, no call may carry lane data
 */
export function judge(
  plan: Plan,
  arrivals: readonly Arrival[],
  outcome: Outcome,
  headers: readonly LaneHeader[],
): Verdict {
  const arrived = groupById(arrivals);
  const counts = new Map<SituationName, Record<Mistake | 'planned', number>>();
  const failed = new Map(outcome.failures.map(({ id, message }) => [id, message]));
  const doubts: string[] = [];
  const examples = new Map<string, string>();

  for (const call of plan.calls) {
    const { situation } = call;
    const count = counts.get(situation) ?? { planned: 0, wrong: 0, lost: 0, leaked: 0 };
    counts.set(situation, count);
    count.planned++;
    const requests = arrived.get(call.id) ?? [];
    for (const mistake of mistakesOf(call, requests, headers)) {
      count[mistake]++;
      const key = `${situation}: ${mistake}`;
      if (!examples.has(key)) examples.set(key, `${key}: ${describe(call, requests)}`);
    }
    const doubt = failed.get(call.id) ?? missing(situation, requests);
    if (doubt !== undefined) doubts.push(`${situation}, call ${call.id}: ${doubt}`);
  }
  for (const situation of situationNames) {
    const planned = counts.get(situation)?.planned ?? 0;
    const made = outcome.made[situation] ?? 0;
    if (planned === 0) doubts.push(`${situation}: no call is planned; use a larger --calls`);
    if (made < planned) doubts.push(`${situation}: ${made} of ${planned} calls were made`);
  }
  const rest = doubts.length - DOUBTS_SHOWN;
  return {
    rows: situationNames.map((situation) => {
      const { wrong = 0, lost = 0, leaked = 0 } = counts.get(situation) ?? {};
      return { situation, calls: outcome.made[situation] ?? 0, wrong, lost, leaked };
    }),
    doubts: rest > 1 ? [...doubts.slice(0, DOUBTS_SHOWN), `and ${rest} more`] : doubts,
    examples: [...examples.values()],
  };
}

function mistakesOf(
  { lane }: PlannedCall,
  requests: readonly Arrival[],
  headers: readonly LaneHeader[],
): ReadonlySet<Mistake> {
  const mistakes = new Set<Mistake>();
  for (const request of requests) {
    if (request.destination === 'external') {
      if (hasLaneData(request)) mistakes.add('leaked');
    } else if (lane === undefined || headers.length === 0) {
      if (hasLaneData(request)) mistakes.add('wrong');
    } else {
      for (const header of headers) {
        const lines = request[header];
        if (lines.length === 0) mistakes.add('lost');
        else if (lines.length > 1 || lines[0] !== headerValue(header, lane)) mistakes.add('wrong');
      }
    }
  }
  return mistakes;
}

function hasLaneData({ 'x-lane': lane, baggage, laneData }: Arrival): boolean {
  return laneData || lane.length > 0 || baggage.length > 0;
}

/** Returns which requests of the situation did not arrive. Without them the call tested nothing. */
function missing(situation: SituationName, requests: readonly Arrival[]): string | undefined {
  const seen = new Set(requests.map(({ destination, step }) => `${destination} ${step}`));
  const absent = mustArrive[situation].filter((request) => !seen.has(request));
  return absent.length === 0 ? undefined : `never arrived: ${absent.join(', ')}`;
}

function describe({ id, lane = 'baseline' }: PlannedCall, requests: readonly Arrival[]): string {
  const seen = requests.map(({ destination, step, 'x-lane': lines, baggage }) => {
    const what = [...lines, ...baggage].join(' | ');
    return `${destination} ${step} saw ${what || 'nothing'}`;
  });
  return `call ${id} of ${lane}: ${seen.join('; ')}`;
}

function groupById(arrivals: readonly Arrival[]): ReadonlyMap<number, Arrival[]> {
  const groups = new Map<number, Arrival[]>();
  for (const arrival of arrivals) {
    const group = groups.get(arrival.id);
    if (group === undefined) groups.set(arrival.id, [arrival]);
    else group.push(arrival);
  }
  return groups;
}
