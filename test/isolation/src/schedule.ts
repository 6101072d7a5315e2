import { availableParallelism } from 'node:os';
import type { Client } from './client.js';
import { measure, type Measurement } from './measure.js';
import { formatProgress } from './report.js';
import type { WayName } from './way.js';

/** One run of one client. */
export interface Job {
  readonly client: Client;
  readonly way: WayName;
  readonly calls: number;
}

// A client uses one core, and its upstream a part of another.
const AT_A_TIME = Math.max(1, Math.min(2, availableParallelism()));

/** Runs all jobs, two at a time. Prints a line for each finished job and, on a terminal, the total percentage. */
export async function runJobs(jobs: readonly Job[]): Promise<Measurement[]> {
  const results: Measurement[] = [];
  const shares = jobs.map(() => 0);
  const all = jobs.reduce((sum, { calls }) => sum + calls, 0);
  let next = 0;

  const clear = (): void => {
    if (process.stderr.isTTY) process.stderr.write('\r\u001B[K');
  };
  const showShare = (): void => {
    if (!process.stderr.isTTY) return;
    const done = jobs.reduce((sum, { calls }, index) => sum + calls * (shares[index] ?? 0), 0);
    clear();
    process.stderr.write(`  ${Math.floor((100 * done) / all)}%`);
  };
  const work = async (): Promise<void> => {
    for (;;) {
      const index = next++;
      const job = jobs[index];
      if (job === undefined) return;
      results[index] = await measure(job.client, job.way, job.calls, (share) => {
        shares[index] = share;
        showShare();
      });
      clear();
      console.error(`  ${formatProgress(results[index])}`);
    }
  };
  await Promise.all(Array.from({ length: AT_A_TIME }, work));
  return results;
}
