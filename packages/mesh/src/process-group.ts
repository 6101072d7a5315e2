import { spawn, type ChildProcessByStdio } from 'node:child_process';
import type { Readable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';

/** A command and every process that it started. */
export interface ProcessGroup {
  readonly stdout: Readable;
  readonly stderr: Readable;
  /** Resolves with how the command itself ended, such as `ended with exit code 1`. */
  readonly ended: Promise<string>;
  /** Sends SIGTERM to the group, and SIGKILL after the grace period. */
  end(graceMs: number): Promise<void>;
  /** Sends SIGKILL to the group. Synchronous, so that it works while the process exits. */
  kill(): void;
}

/** Starts a command through the shell in a new process group, so that its children can be ended with it. */
export function startGroup(command: string, cwd: string, env: NodeJS.ProcessEnv): ProcessGroup {
  const child = spawn(command, { cwd, env, shell: true, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
  // `exit` fires when the command has ended, `close` when no process of the group holds the output pipes any more.
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
      // Kill the rest of the group now: later the system may reuse the group's number.
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
      // A process that left the group may hold the pipes open forever.
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
    // ESRCH: no process is left in the group.
  }
}

async function waitAtMost(event: Promise<void>, milliseconds: number): Promise<void> {
  const enough = new AbortController();
  const timer = delay(milliseconds, undefined, { signal: enough.signal }).catch(() => {});
  await Promise.race([event, timer]);
  enough.abort();
}
