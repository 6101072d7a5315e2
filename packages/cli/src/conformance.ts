import { writeFileSync } from 'node:fs';
import { CommanderError, type Command } from 'commander';
import { checkService, ConformanceError, createPrinter, listCases, type Report } from '@laneway/conformance';
import { collectNames, parsePort, parseTimeout } from './option-values.js';
import type { Terminal } from './terminal.js';

interface ConformanceOptions {
  readonly only?: readonly string[];
  readonly list?: boolean;
  readonly json?: string;
  readonly strict?: boolean;
  readonly timeout?: number;
  readonly port?: number;
  readonly callbackHost?: string;
}

const NOT_CONFORMANT = 1;
const NO_VERDICT = 2;

/** Adds `laneway conformance URL`, which checks whether a service propagates W3C Baggage. */
export function addConformance(program: Command, terminal: Terminal): void {
  program
    .command('conformance')
    .description('check whether a service, in any language, propagates W3C Baggage')
    .argument('[url]', "the URL of the service's endpoint")
    .option(
      '--only <cases>',
      'run only these cases; separate them with commas, or repeat the option',
      collectNames,
    )
    .option('--list', 'print the cases and check nothing')
    .option('--json <file>', 'also write the report as JSON')
    .option('--strict', 'also fail when a SHOULD does not hold')
    .option(
      '--timeout <ms>',
      'the time limit of one request, including its calls (default: 5000)',
      parseTimeout,
    )
    .option(
      '--port <number>',
      'the port that the service calls back; 0 picks a free port (default: 0)',
      parsePort,
    )
    .option(
      '--callback-host <host>',
      'the host that the service calls back, for a service in a container; for a name, the harness listens on every interface ' +
        '(default: 127.0.0.1)',
    )
    .addHelpText(
      'after',
      '\nExit code: 0 when every MUST holds, 1 when one does not, 2 when there is no verdict (wrong usage, or the service cannot be checked).',
    )
    .exitOverride(({ exitCode, code, message }) => {
      throw new CommanderError(exitCode === 0 ? 0 : NO_VERDICT, code, message);
    })
    .action((url: string | undefined, options: ConformanceOptions, command: Command) =>
      runConformance(url, options, command, terminal),
    );
}

async function runConformance(
  url: string | undefined,
  { list, json, strict, timeout, callbackHost, only, port }: ConformanceOptions,
  command: Command,
  { out, err, signal }: Terminal,
): Promise<void> {
  const printer = createPrinter({ stream: out });
  if (list) return printer.printCases(listCases());
  if (url === undefined) command.error("error: missing required argument 'url'");
  try {
    const { onResult } = printer;
    const report = await checkService(url, {
      only,
      timeoutMs: timeout,
      callbackHost,
      port,
      signal,
      onResult,
    });
    printer.printSummary(report);
    if (json !== undefined) writeReport(json, report);
    const { MUST, SHOULD } = report.tallies;
    if (MUST.failed > 0 || (strict && SHOULD.failed > 0))
      throw new CommanderError(NOT_CONFORMANT, 'laneway.conformance', 'not conformant');
  } catch (error) {
    if (!(error instanceof ConformanceError)) throw error;
    err.write(`laneway: ${error.message}\n`);
    throw new CommanderError(NO_VERDICT, error.code, error.message);
  }
}

function writeReport(file: string, report: Report): void {
  try {
    writeFileSync(file, `${JSON.stringify(report, undefined, 2)}\n`);
  } catch (error) {
    throw new ConformanceError(
      'ERR_CONFORMANCE_USAGE',
      `Cannot write ${file}: ${(error as Error).message}. Pass --json the path of a file in an existing folder.`,
    );
  }
}
