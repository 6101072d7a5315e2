import { EventEmitter } from 'node:events';
import type { Way } from './way.js';

type Job = () => Promise<void>;

/** A timer, an interval, an emitter and a queue that one lane owns. They run the jobs of callers in all lanes. */
export interface SharedTriggers {
  timer(job: Job): Promise<void>;
  interval(lane: string | undefined, job: Job): Promise<void>;
  emitter(id: number, job: Job): Promise<void>;
  queue(lane: string | undefined, job: Job): Promise<void>;
  stop(): void;
}

/** Opens the triggers in the lane `owner`. */
export function openSharedTriggers(way: Way, owner: string): SharedTriggers {
  return way.run(owner, () => {
    const ready: (() => void)[] = [];
    const ticking = setInterval(() => {
      for (const run of ready.splice(0)) run();
    }, 1);

    const emitter = new EventEmitter();
    emitter.setMaxListeners(0);

    const jobs: (() => void)[] = [];
    let wake = (): void => {};
    const consume = async (): Promise<void> => {
      for (;;) {
        await new Promise<void>((resolve) => (wake = resolve));
        for (const run of jobs.splice(0)) run();
      }
    };
    void consume();

    return {
      timer: (job) =>
        new Promise((resolve, reject) => {
          const bound = way.bind(() => void job().then(resolve, reject));
          way.run(owner, () => setTimeout(bound, 0));
        }),
      interval: (lane, job) =>
        new Promise((resolve, reject) => {
          ready.push(() => way.run(lane, () => void job().then(resolve, reject)));
        }),
      emitter: (id, job) =>
        new Promise((resolve, reject) => {
          emitter.once(
            String(id),
            way.bind(() => void job().then(resolve, reject)),
          );
          way.run(owner, () => setImmediate(() => emitter.emit(String(id))));
        }),
      queue: (lane, job) =>
        new Promise((resolve, reject) => {
          jobs.push(() => way.run(lane, () => void job().then(resolve, reject)));
          wake();
        }),
      stop: () => clearInterval(ticking),
    };
  });
}
