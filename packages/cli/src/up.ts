import { once } from 'node:events';
import { Option, type Command } from 'commander';
import { createPrinter, loadMesh, startMesh, type Mesh, type MeshMode } from '@laneway/mesh';
import { parsePort } from './option-values.js';
import type { Terminal } from './terminal.js';

interface UpOptions {
  readonly mode?: MeshMode;
  readonly port?: number;
  readonly quiet?: boolean;
}

/** Adds `laneway up FILE`: runs a local lane mesh until it is told to stop. */
export function addUp(program: Command, terminal: Terminal): void {
  program
    .command('up')
    .description('start a local lane mesh: the gateway and every service that the file names')
    .argument('<file>', 'the mesh file (YAML)')
    .addOption(
      new Option(
        '-m, --mode <mode>',
        "what happens to a lane that a service lacks, in place of the file's mode",
      ).choices(['permissive', 'strict']),
    )
    .option(
      '-p, --port <number>',
      "the gateway's port, in place of the file's; 0 for any free one",
      parsePort,
    )
    .option('-q, --quiet', 'no line per request')
    .action((file: string, options: UpOptions) => runUp(file, options, terminal));
}

async function runUp(file: string, options: UpOptions, terminal: Terminal): Promise<void> {
  const { out, signal } = terminal;
  const config = loadMesh(file);
  const mesh = await startMesh(config, {
    mode: options.mode,
    port: options.port,
    signal,
    ...createPrinter(config, { stream: out, quiet: options.quiet }),
  });
  out.write(describeMesh(mesh));
  if (!signal.aborted) await once(signal, 'abort');
  out.write('Ending what the mesh started. Ctrl-C again ends it by force.\n');
  await mesh.close();
}

function describeMesh({ url, services, mode }: Mesh): string {
  const rows = [['gateway', url] as const, ...Object.entries(services)];
  const width = Math.max(...rows.map(([name]) => name.length));
  const lines = rows.map(([name, address]) => `  ${name.padEnd(width)}  ${address}`);
  return `\nThe mesh is up, ${mode}. Ctrl-C ends it.\n${lines.join('\n')}\n\n`;
}
