import type { Plan, PlannedCall } from './plan.js';
import type { Outcome } from './run-calls.js';
import { mustArrive, type SituationName, situationNames } from './situations.js';
import type { Arrival } from './upstream.js';
import { headerValue, type LaneHeader } from './way.js';

/** The figures of one client in one situation, in calls. */
export interface Row {
  readonly situation: SituationName;
  readonly calls: number;
  /** Lane data of another, of nobody, in pieces or more than once. */
  readonly wrong: number;
  /** The lane, or a part of it, did not arrive. */
  readonly lost: number;
  /** A stranger saw lane data. */
  readonly leaked: number;
}

/** What the judge says about a run. */
export interface Verdict {
  readonly rows: readonly Row[];
  /** Why the figures would not prove anything, such as calls that were never made; empty when they do. */
  readonly doubts: readonly string[];
  /** An example of each kind of mistake and situation. */
  readonly examples: readonly string[];
}

type Mistake = 'wrong' | 'lost' | 'leaked';
const DOUBTS_SHOWN = 5;

/**
 * Compares what arrived with the lanes of the calls that were made. It knows nothing of clients and of Laneway.
 *
 * @param headers what a call in a lane must carry; when empty, no call may carry lane data
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
    if (planned === 0) doubts.push(`${situation}: no call is planned, ask for more calls`);
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
    if (request.place === 'stranger') {
      if (isLaned(request)) mistakes.add('leaked');
    } else if (lane === undefined || headers.length === 0) {
      if (isLaned(request)) mistakes.add('wrong');
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

function isLaned({ 'x-lane': lane, baggage, laned }: Arrival): boolean {
  return laned || lane.length > 0 || baggage.length > 0;
}

/** What did not arrive, without which the situation has not been there. */
function missing(situation: SituationName, requests: readonly Arrival[]): string | undefined {
  const seen = new Set(requests.map(({ place, step }) => `${place} ${step}`));
  const absent = mustArrive[situation].filter((request) => !seen.has(request));
  return absent.length === 0 ? undefined : `never arrived: ${absent.join(', ')}`;
}

function describe({ id, lane = 'baseline' }: PlannedCall, requests: readonly Arrival[]): string {
  const seen = requests.map(({ place, step, 'x-lane': lines, baggage }) => {
    const what = [...lines, ...baggage].join(' | ');
    return `${place} ${step} saw ${what || 'nothing'}`;
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
