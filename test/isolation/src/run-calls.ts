import type { Caller, Client, Setup } from './client.js';
import { loopbackLookup, takeTurn } from './loopback.js';
import { openSharedTriggers } from './shared-triggers.js';
import { perform } from './perform.js';
import { LANES, type Plan, type PlannedCall } from './plan.js';
import type { SituationName } from './situations.js';
import type { Addresses } from './upstream.js';
import type { Way } from './way.js';

/** A call that ended in an unexpected way. */
export interface Failure {
  readonly id: number;
  readonly message: string;
}

/** The outcome of all calls. */
export interface Outcome {
  /** The number of calls made, by situation. */
  readonly made: Partial<Record<SituationName, number>>;
  readonly failures: readonly Failure[];
}

/** Options of {@link runCalls}. */
export interface Run {
  readonly client: Pick<Client, 'follows' | 'retries'>;
  readonly open: (setup: Setup) => Caller;
  readonly way: Way;
  readonly plan: Plan;
  readonly addresses: Addresses;
  /** The time limit of one round, in milliseconds. @default 20000 */
  readonly patience?: number;
  readonly onRound?: (round: number) => void;
}

interface Deferred {
  readonly promise: Promise<void>;
  readonly resolve: () => void;
}

/** Makes all calls of a plan. Each caller runs during the whole run; all callers start each round together. */
export async function runCalls(run: Run): Promise<Outcome> {
  const { way, plan, addresses, patience = 20_000 } = run;
  const setup: Setup = { wrap: way.wrap, lookup: loopbackLookup, ca: addresses.ca };
  const caller = way.run('lane-0', () => run.open(setup));
  const triggers = openSharedTriggers(way, 'lane-1');
  const made: Outcome['made'] = {};
  const failures: Failure[] = [];
  const pending = new Set<PlannedCall>();
  let lazy: Caller | undefined;
  const base = { client: run.client, way, addresses, caller, triggers };
  const lazyCaller = (): Caller => (lazy ??= run.open(setup));

  const make = async (call: PlannedCall): Promise<void> => {
    pending.add(call);
    if (call.situation !== 'queued behind a slow call') await takeTurn(call.id);
    else if (call.id % 10 !== 0) await new Promise((resolve) => void setImmediate(resolve));
    const otherLane = `lane-${(call.id + 1) % LANES}`;
    try {
      await perform(call, { ...base, lazyCaller, otherLane });
    } catch (error) {
      failures.push({ id: call.id, message: messageOf(error) });
    }
    pending.delete(call);
    made[call.situation] = (made[call.situation] ?? 0) + 1;
  };

  const starts = Array.from({ length: plan.rounds }, defer);
  const ends = Array.from({ length: plan.rounds }, defer);
  const working: number[] = Array.from({ length: plan.rounds }, () => plan.callers);
  for (let index = 0; index < plan.callers; index++) {
    const calls = plan.calls.filter(({ id }) => id % plan.callers === index);
    void way.run(calls[0]?.caller, async () => {
      for (const call of calls) {
        await starts[call.round]?.promise;
        await make(call);
        working[call.round] = (working[call.round] ?? 0) - 1;
        if (working[call.round] === 0) ends[call.round]?.resolve();
      }
    });
  }

  for (let round = 0; round < plan.rounds; round++) {
    starts[round]?.resolve();
    if (!(await within(patience, ends[round]?.promise))) {
      for (const { id } of pending) failures.push({ id, message: `did not end within ${patience} ms` });
      break;
    }
    // The first caller of the next round creates a new client, in its lane.
    lazy?.close();
    lazy = undefined;
    run.onRound?.(round + 1);
  }
  triggers.stop();
  caller.close();
  return { made, failures };
}

function defer(): Deferred {
  let resolve = (): void => {};
  const promise = new Promise<void>((done) => (resolve = done));
  return { promise, resolve };
}

async function within(patience: number, promise: Promise<void> | undefined): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>((resolve) => (timer = setTimeout(resolve, patience, false)));
  try {
    return await Promise.race([promise?.then(() => true), late]).then(Boolean);
  } finally {
    clearTimeout(timer);
  }
}

function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { cause } = error;
  return cause instanceof Error ? `${error.message}: ${cause.message}` : error.message;
}
