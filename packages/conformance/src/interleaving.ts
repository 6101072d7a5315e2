import { setTimeout as sleep } from 'node:timers/promises';
import type { Exchange, Probe } from './exchange.js';
import type { Harness } from './harness.js';

const IDLE_MS = 300;
const WAVE_MS = 100;
// The listen backlog of some standard libraries is 5. The kernel drops further connections and retries them later.
const WAVE = 5;

/** The exchanges of probes that ran at the same time. */
export interface Interleaved {
  readonly exchanges: readonly Exchange[];
  /** The largest number of requests that the service handled at once. */
  readonly most: number;
}

/**
 * Sends probes in waves, and answers no first call until all first calls have arrived. So every request is in progress while the
 * others start and end.
 */
export async function sendInterleaved(harness: Harness, probes: readonly Probe[]): Promise<Interleaved> {
  const gate = createGate(probes.length);
  const running: Promise<Exchange>[] = [];
  for (let start = 0; start < probes.length; start += WAVE) {
    const wave = probes.slice(start, start + WAVE).map(
      (probe) =>
        new Promise<void>((settle) => {
          const hold = (): Promise<void> => {
            settle();
            return gate.pass();
          };
          const sending = harness.send(probe, hold);
          running.push(sending);
          sending.then(() => settle(), settle); // Promise.all below handles a rejection
        }),
    );
    await Promise.race([Promise.all(wave), sleep(WAVE_MS)]);
  }
  return { exchanges: await Promise.all(running), most: gate.most() };
}

interface Gate {
  pass(): Promise<void>;
  most(): number;
}

/** Opens when all calls have arrived, or after `IDLE_MS` without a call: some services handle one request at a time. */
function createGate(size: number): Gate {
  let waiting: (() => void)[] = [];
  let isOpen = false;
  let most = 0;
  let idle: NodeJS.Timeout | undefined;
  const open = (): void => {
    clearTimeout(idle);
    isOpen = true;
    for (const go of waiting) go();
    waiting = [];
  };
  return {
    pass: () =>
      new Promise<void>((resolve) => {
        if (isOpen) return resolve();
        waiting.push(resolve);
        most = Math.max(most, waiting.length);
        clearTimeout(idle);
        if (waiting.length === size) open();
        else idle = setTimeout(open, IDLE_MS);
      }),
    most: () => most,
  };
}
