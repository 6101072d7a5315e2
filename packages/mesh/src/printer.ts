import { inspect } from 'node:util';
import picocolors from 'picocolors';
import type { MeshConfig } from './config.js';
import type { MeshServe } from './hop.js';
import type { MeshLog } from './workload.js';

/** Options of `createPrinter`. */
export interface PrinterOptions {
  /** Where to print. @default process.stdout */
  readonly stream?: { write(text: string): unknown; readonly isTTY?: boolean | undefined };
  /** Prints no line per request. @default false */
  readonly quiet?: boolean | undefined;
}

/** Callbacks for `startMesh`. */
export interface MeshPrinter {
  readonly onServe: (serve: MeshServe) => void;
  readonly onLog: (log: MeshLog) => void;
}

/**
 * Returns callbacks that print one line for each request and for each line of output of the workloads.
 *
 * @example
 * const config = loadMesh('mesh.yaml');
 * const mesh = await startMesh(config, createPrinter(config));
 */
export function createPrinter(config: MeshConfig, options: PrinterOptions = {}): MeshPrinter {
  const stream = options.stream ?? process.stdout;
  const colors = picocolors.createColors(stream.isTTY === true && picocolors.isColorSupported);
  const sources = Object.entries(config.services).flatMap(([name, { versions }]) =>
    Object.keys(versions).map((version) => `${name} ${version}`),
  );
  const width = Math.max(...['gateway', ...sources].map((source) => source.length));

  return {
    onServe(serve: MeshServe) {
      if (!options.quiet) stream.write(`${describeServe(serve, width, colors)}\n`);
    },
    onLog({ source, level, text }: MeshLog) {
      const line = level === 'error' ? colors.red(text) : text;
      stream.write(`${colors.dim(`${source.padEnd(width)} |`)} ${line}\n`);
    },
  };
}

function describeServe(
  serve: MeshServe,
  width: number,
  colors: ReturnType<typeof picocolors.createColors>,
): string {
  const { via, method, path, websocket, lane, service, version, baseline, refusal } = serve;
  const request = `${websocket ? 'WS' : method} ${printable(path)}`;
  const target = version === undefined ? service : `${service} ${version}`;
  const outcome =
    refusal === undefined
      ? `${colors.green(target)}${baseline ? colors.dim(' (baseline)') : ''}`
      : colors.red(`${target} 503 ${refusal}`);
  return `${via.padEnd(width)}   ${request}  ${lane === undefined ? 'no lane' : `lane ${colors.cyan(printable(lane))}`}  -> ${outcome}`;
}

/** Escapes control characters: a request must not be able to move the cursor or fake a line of output. */
function printable(text: string): string {
  return /^[ -~]*$/.test(text) ? text : inspect(text);
}
