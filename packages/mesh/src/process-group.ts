import { spawn, type ChildProcessByStdio } from 'node:child_process';
import type { Readable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';

/** A command and everything that it started. */
export interface ProcessGroup {
  readonly stdout: Readable;
  readonly stderr: Readable;
  /** Resolves with how the command itself ended, such as `ended with exit code 1`. */
  readonly ended: Promise<string>;
  /** Asks the group to end, and ends it by force after the grace period. */
  end(graceMs: number): Promise<void>;
  /** Ends the group by force, at once and synchronously: for a process that is about to exit. */
  kill(): void;
}

/** Starts a command through the shell in a process group of its own, so that its children can be ended with it. */
export function startGroup(command: string, cwd: string, env: NodeJS.ProcessEnv): ProcessGroup {
  const child = spawn(command, { cwd, env, shell: true, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
  // `close` comes when nobody in the group holds the output any more; `exit` when the command itself is gone.
  const closed = new Promise<void>((resolve) => child.once('close', () => resolve()));
  let running = true;
  let ending = false;

  const ended = new Promise<string>((resolve) => {
    child.once('error', (error) => {
      running = false;
      resolve(`could not be started: ${error.message}`);
    });
    child.once('exit', (code, signal) => {
      running = false;
      // What a dead workload leaves behind ends now: later its group's number may belong to somebody else.
      if (!ending) signalGroup(child, 'SIGKILL');
      resolve(signal === null ? `ended with exit code ${code}` : `was ended by ${signal}`);
    });
  });

  return {
    stdout: child.stdout,
    stderr: child.stderr,
    ended,
    kill() {
      if (running || ending) signalGroup(child, 'SIGKILL');
    },
    async end(graceMs) {
      if (running) {
        ending = true;
        signalGroup(child, 'SIGTERM');
        await waitAtMost(closed, graceMs);
        signalGroup(child, 'SIGKILL');
        ending = false;
        await ended;
      }
      // A process that left the group may hold the pipes open for ever.
      child.stdout.destroy();
      child.stderr.destroy();
    },
  };
}

function signalGroup(child: ChildProcessByStdio<null, Readable, Readable>, signal: NodeJS.Signals): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, signal);
  } catch {
    // ESRCH: nobody is left in the group.
  }
}

async function waitAtMost(event: Promise<void>, milliseconds: number): Promise<void> {
  const enough = new AbortController();
  const timer = delay(milliseconds, undefined, { signal: enough.signal }).catch(() => {});
  await Promise.race([event, timer]);
  enough.abort();
}
