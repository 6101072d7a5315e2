import { Command } from 'commander';
import manifest from '../package.json' with { type: 'json' };
import { addConformance } from './conformance.js';
import type { Terminal } from './terminal.js';
import { addUp } from './up.js';

/**
 * Returns the `laneway` command. Each subcommand is a file with one `add` function that calls its package.
 *
 * @example
 * await createProgram(terminal).parseAsync(['up', 'mesh.yaml'], { from: 'user' });
 */
export function createProgram(terminal: Terminal): Command {
  const program = new Command('laneway')
    .version(manifest.version, '-V, --version', 'print the version')
    .description('Local tools for services that keep requests in their lane.')
    .showHelpAfterError('Run it with --help to see the usage.')
    .configureOutput({
      writeOut: (text) => void terminal.out.write(text),
      writeErr: (text) => void terminal.err.write(text),
    })
    .exitOverride();
  addUp(program, terminal);
  addConformance(program, terminal);
  return program;
}
