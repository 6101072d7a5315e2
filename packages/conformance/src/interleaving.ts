import { setTimeout as sleep } from 'node:timers/promises';
import type { Exchange, Probe } from './exchange.js';
import type { Harness } from './harness.js';

const IDLE_MS = 300;
const WAVE_MS = 100;
// As many connections as the servers of some standard libraries let wait: with more, the kernel drops them and tries again later.
const WAVE = 5;

/** Probes that were under way at the same time. */
export interface Interleaved {
  readonly exchanges: readonly Exchange[];
  /** The most that the service worked on at once. */
  readonly most: number;
}

/**
 * Sends probes in waves, and answers none of their first calls before all have come: so every request is in the middle of its work
 * while the others come and go.
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
          sending.then(() => settle(), settle); // a rejection is seen to below, when all are under way
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

/** Opens when all are there, or when nobody has come for a while: not every service works on several requests at once. */
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
