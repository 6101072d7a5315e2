import { parseArgs } from 'node:util';
import { clients } from './clients/index.js';

/** The smallest number of calls that includes every situation. */
const FEWEST = 1000;

/** The options of the program. */
export interface Options {
  readonly calls: number;
  readonly only: readonly string[];
  /** Measures only Laneway, without OpenTelemetry's columns. */
  readonly lanewayOnly: boolean;
  readonly json: string | undefined;
  readonly help: boolean;
}

/** The text of `--help`. */
export const usage: string = `Usage: npm run isolation -- [options]

Makes thousands of calls in 200 interleaved lanes with every client, over as few connections as it allows, and compares the
lane of each call with the lane that arrived. Exits with 1 if a call with Laneway had a wrong lane, lost its lane or sent it to an
external host, or if a call was not made or ended in an unexpected way.

  --calls N       at least N calls for each client, from ${FEWEST} (default: 20000); for OpenTelemetry a tenth, from 1000 to 2000
  --only CLIENTS  only these clients, separated by commas; the first words of a name select several (undici, "undici 7")
  --laneway-only  without OpenTelemetry's columns, which is faster
  --json FILE     also write the result to FILE
  --help          print this text

Clients: ${clients.map(({ name }) => name).join(', ')}.`;

/** Parses the options. @throws {Error} for invalid options */
export function parseOptions(args: string[]): Options {
  const { values } = parseArgs({
    args,
    options: {
      calls: { type: 'string', default: '20000' },
      only: { type: 'string', multiple: true, default: [] },
      'laneway-only': { type: 'boolean', default: false },
      json: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  const calls = Number(values.calls);
  if (!Number.isSafeInteger(calls) || calls < FEWEST)
    throw new Error(
      `--calls ${values.calls} is too small to include every situation. Use a number from ${FEWEST}.`,
    );
  const only = values.only.flatMap((names) => names.split(','));
  const unknown = only.filter((words) => !clients.some(({ name }) => isWanted(name, [words])));
  if (unknown.length > 0)
    throw new Error(
      `--only has unknown clients: ${unknown.join(', ')}. Use some of: ${clients.map(({ name }) => name).join(', ')}.`,
    );
  const { 'laneway-only': lanewayOnly, json, help } = values;
  return { calls, only, lanewayOnly, json, help };
}

/** Returns whether `--only` selects a client: by its name, or by the first words of its name. */
export function isWanted(name: string, only: readonly string[]): boolean {
  return only.length === 0 || only.some((words) => name === words || name.startsWith(`${words} `));
}
