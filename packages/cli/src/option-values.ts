import { InvalidArgumentError } from 'commander';

/** Reads a port, 0 for any free one. */
export function parsePort(text: string): number {
  const port = Number(text);
  if (/^\d+$/.test(text) && port <= 65_535) return port;
  throw new InvalidArgumentError('Write a whole number from 0 to 65535.');
}

/** Reads a time in milliseconds, ten minutes at most. */
export function parseTimeout(text: string): number {
  const timeout = Number(text);
  if (/^\d+$/.test(text) && timeout > 0 && timeout <= 600_000) return timeout;
  throw new InvalidArgumentError('Write a whole number of milliseconds from 1 to 600000.');
}

/** Reads names between commas, and adds them to those of earlier options of the same name. */
export function collectNames(text: string, earlier: readonly string[] = []): readonly string[] {
  return [...earlier, ...text.split(',').filter(Boolean)];
}
