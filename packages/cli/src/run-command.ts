import { CommanderError } from 'commander';
import { LanewayError } from '@laneway/core';
import { createProgram } from './program.js';

// The shell's convention: 128 plus the number of the signal.
const EXIT_CODES = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 } as const;

const REPEATED_SIGNAL_MS = 500;

/**
 * Runs one command line in this process and resolves with its exit code: 0 for success, 1 for an error, 130 after Ctrl-C (SIGINT),
 * 143 after SIGTERM, 129 after a closed terminal (SIGHUP). By then every process that the command started has ended.
 *
 * The first signal stops the command gracefully, a second one immediately.
 */
export async function runCommand(args: readonly string[]): Promise<number> {
  const stop = new AbortController();
  let ended: number | undefined;
  let endedAt = 0;
  const onSignal = (signal: keyof typeof EXIT_CODES): void => {
    if (ended !== undefined) {
      // Under npm or npx one Ctrl-C arrives twice: from the terminal and from npm.
      if (Date.now() - endedAt < REPEATED_SIGNAL_MS) return;
      // The mesh listens to the process's `exit` event and kills its workloads there.
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
    // The command failed because the signal aborted it, so this is not an error to print.
    if (ended !== undefined) return ended;
    return reportError(error);
  } finally {
    for (const signal of Object.keys(EXIT_CODES)) process.off(signal, onSignal);
  }
}

function reportError(error: unknown): number {
  // Commander has already printed the message. It also throws for --help and --version, with exit code 0.
  if (error instanceof CommanderError) return error.exitCode;
  const text =
    error instanceof LanewayError
      ? error.message
      : `This is a bug in laneway. Please report it.\n${inspectError(error)}`;
  process.stderr.write(`laneway: ${text}\n`);
  return 1;
}

function inspectError(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
