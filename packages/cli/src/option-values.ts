import { InvalidArgumentError } from 'commander';

/** Parses a port. 0 means any free port. */
export function parsePort(text: string): number {
  const port = Number(text);
  if (/^\d+$/.test(text) && port <= 65_535) return port;
  throw new InvalidArgumentError('Write a whole number from 0 to 65535.');
}

/** Parses a time in milliseconds, at most ten minutes. */
export function parseTimeout(text: string): number {
  const timeout = Number(text);
  if (/^\d+$/.test(text) && timeout > 0 && timeout <= 600_000) return timeout;
  throw new InvalidArgumentError('Write a whole number of milliseconds from 1 to 600000.');
}

/** Parses names separated by commas and appends them to the names of earlier uses of the option. */
export function collectNames(text: string, earlier: readonly string[] = []): readonly string[] {
  return [...earlier, ...text.split(',').filter(Boolean)];
}
