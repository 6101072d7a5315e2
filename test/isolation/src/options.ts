import { parseArgs } from 'node:util';
import { clients } from './clients/index.js';

/** The fewest calls with which every situation is there. */
const FEWEST = 1000;

/** What the program is asked to do. */
export interface Options {
  readonly calls: number;
  readonly only: readonly string[];
  /** Without OpenTelemetry's columns. */
  readonly ours: boolean;
  readonly json: string | undefined;
  readonly help: boolean;
}

/** The text of `--help`. */
export const usage: string = `Usage: npm run isolation -- [options]

Makes thousands of calls in 200 interleaved lanes with every client, over as few connections as it allows, and compares the
lane of each call with the lane that arrived. Exits with 1 unless no call of Laneway's was in a wrong lane, without its lane,
or told a stranger; and when a call was not made or did not end as it should.

  --calls N      at least so many calls for each client, from ${FEWEST} @default 20000; a tenth for OpenTelemetry, but 1000
  --only CLIENTS only these, separated by commas, or all whose names begin so (undici, "undici 7")
  --ours         without OpenTelemetry's columns, which is shorter
  --json FILE    also write everything into FILE
  --help         this text

Clients: ${clients.map(({ name }) => name).join(', ')}.`;

/** @throws {Error} for options that make no sense */
export function parseOptions(args: string[]): Options {
  const { values } = parseArgs({
    args,
    options: {
      calls: { type: 'string', default: '20000' },
      only: { type: 'string', multiple: true, default: [] },
      ours: { type: 'boolean', default: false },
      json: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  const calls = Number(values.calls);
  if (!Number.isSafeInteger(calls) || calls < FEWEST)
    throw new Error(
      `--calls ${values.calls} leaves some situations without a call. Use a number from ${FEWEST}.`,
    );
  const only = values.only.flatMap((names) => names.split(','));
  const unknown = only.filter((words) => !clients.some(({ name }) => isWanted(name, [words])));
  if (unknown.length > 0)
    throw new Error(
      `--only does not know ${unknown.join(', ')}. Use some of: ${clients.map(({ name }) => name).join(', ')}.`,
    );
  const { ours, json, help } = values;
  return { calls, only, ours, json, help };
}

/** Whether a client is asked for: by its name, or by the words that it begins with. */
export function isWanted(name: string, only: readonly string[]): boolean {
  return only.length === 0 || only.some((words) => name === words || name.startsWith(`${words} `));
}
