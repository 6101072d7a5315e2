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

/** Adds `laneway up FILE`, which runs a local lane mesh until a signal ends it. */
export function addUp(program: Command, terminal: Terminal): void {
  program
    .command('up')
    .description('start a local lane mesh: the gateway and every service in the file')
    .argument('<file>', 'the mesh file (YAML)')
    .addOption(
      new Option(
        '-m, --mode <mode>',
        "for a service without a workload in the lane: use its baseline, or answer 503 (default: the file's mode)",
      ).choices(['permissive', 'strict']),
    )
    .option(
      '-p, --port <number>',
      "the gateway's port; 0 picks a free port (default: the file's port)",
      parsePort,
    )
    .option('-q, --quiet', "don't print a line per request")
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
  out.write('Stopping the mesh. Press Ctrl-C again to kill it.\n');
  await mesh.close();
}

function describeMesh({ url, services, mode }: Mesh): string {
  const rows = [['gateway', url] as const, ...Object.entries(services)];
  const width = Math.max(...rows.map(([name]) => name.length));
  const lines = rows.map(([name, address]) => `  ${name.padEnd(width)}  ${address}`);
  return `\nThe mesh is up, ${mode}. Press Ctrl-C to stop it.\n${lines.join('\n')}\n\n`;
}
