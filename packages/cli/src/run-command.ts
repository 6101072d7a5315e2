import { CommanderError } from 'commander';
import { LanewayError } from '@laneway/core';
import { createProgram } from './program.js';

// As a shell reports them: 128 and the signal's number.
const EXIT_CODES = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 } as const;

const SAME_KEY_MS = 500;

/**
 * Runs one command line in this process and returns its exit code: 0 when the command did its work, 1 for an error, 130
 * when Ctrl-C (SIGINT), 143 when SIGTERM and 129 when a closed terminal (SIGHUP) ended it. What the command started is gone by then.
 *
 * The first signal ends the command in order, a second one at once.
 */
export async function runCommand(args: readonly string[]): Promise<number> {
  const stop = new AbortController();
  let ended: number | undefined;
  let endedAt = 0;
  const onSignal = (signal: keyof typeof EXIT_CODES): void => {
    if (ended !== undefined) {
      // One Ctrl-C under npm or npx arrives twice: from the terminal, and passed on by npm.
      if (Date.now() - endedAt < SAME_KEY_MS) return;
      // Whoever listens to the process's `exit` (the mesh does) ends by force what it started.
      process.exit(ended);
    }
    ended = EXIT_CODES[signal];
    endedAt = Date.now();
    stop.abort();
  };
  for (const signal of Object.keys(EXIT_CODES)) process.on(signal, onSignal);
  try {
    const terminal = { out: process.stdout, err: process.stderr, signal: stop.signal };
    await createProgram(terminal).parseAsync(args, { from: 'user' });
    return ended ?? 0;
  } catch (error) {
    // Given up because of the signal, not for a reason of its own.
    if (ended !== undefined) return ended;
    return reportError(error);
  } finally {
    for (const signal of Object.keys(EXIT_CODES)) process.off(signal, onSignal);
  }
}

function reportError(error: unknown): number {
  // Commander has printed it; help and version come this way too, with 0.
  if (error instanceof CommanderError) return error.exitCode;
  const text =
    error instanceof LanewayError
      ? error.message
      : `This is a bug in laneway, please report it.\n${inspectError(error)}`;
  process.stderr.write(`laneway: ${text}\n`);
  return 1;
}

function inspectError(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
