import { inspect } from 'node:util';
import picocolors from 'picocolors';
import type { HeaderLine } from './exchange.js';
import { type CaseInfo, type CaseResult, clauseUrl, type Report } from './report.js';

/** Options of `createPrinter`. */
export interface PrinterOptions {
  /** Where to print, in color if it is a terminal. @default process.stdout */
  readonly stream?: { write(text: string): unknown; readonly isTTY?: boolean | undefined };
}

/** Prints one line for each case. For a failed case it adds what was sent, what arrived and why that is wrong. */
export interface ConformancePrinter {
  readonly onResult: (result: CaseResult) => void;
  readonly printSummary: (report: Report) => void;
  readonly printCases: (cases: readonly CaseInfo[]) => void;
}

type Colors = ReturnType<typeof picocolors.createColors>;

/**
 * Returns callbacks that print the results of `checkService`.
 *
 * @example
 * const printer = createPrinter();
 * printer.printSummary(await checkService(url, printer));
 */
export function createPrinter(options: PrinterOptions = {}): ConformancePrinter {
  const stream = options.stream ?? process.stdout;
  const colors = picocolors.createColors(stream.isTTY === true && picocolors.isColorSupported);
  const print = (lines: readonly string[]): void => void stream.write(`${lines.join('\n')}\n`);
  return {
    onResult: (result) => print(describeResult(result, colors)),
    printSummary: (report) => print(describeSummary(report, colors)),
    printCases: (cases) => print(cases.map(describeCase)),
  };
}

function describeCase({ id, level, clauses, title }: CaseInfo): string {
  return `${level.padEnd(6)}  ${id.padEnd(21)}  ${clauses.join(', ').padEnd(16)}  ${title}`;
}

function describeResult(result: CaseResult, colors: Colors): string[] {
  const { verdict, exact, problems, note } = result;
  const lines = [
    `${paintVerdict(result, colors)}  ${describeCase(result)}${exact === false ? colors.dim('  (rewritten)') : ''}`,
  ];
  if (note !== undefined) lines.push(detail('note', note, colors));
  if (verdict === 'pass') return lines;
  const first = problems[0]?.exchange ?? 0;
  const { sent, arrived } = result.exchanges[first] ?? { sent: [], arrived: [] };
  const others = new Set(problems.map(({ exchange }) => exchange)).size - 1;
  const whys = problems.filter(({ exchange }) => exchange === first).map(({ why }) => why);
  lines.push(
    detail('sent', describeHeaders(sent), colors),
    ...arrived.map((call) => detail('arrived', describeHeaders(call), colors)),
    ...whys.slice(0, 3).map((why) => detail('why', printable(why), colors)),
  );
  if (whys.length > 3) lines.push(detail('', `and ${whys.length - 3} more problems like these`, colors));
  if (others > 0) lines.push(detail('', `and ${others} more requests of this case`, colors));
  lines.push(detail('clause', result.clauses.map(clauseUrl).join(' '), colors));
  return lines;
}

function describeSummary({ service, conformant, tallies, exact }: Report, colors: Colors): string[] {
  const parts = Object.entries({ ...tallies, 'byte for byte': exact }).map(
    ([name, { passed, failed }]) => `${name} ${passed} of ${passed + failed}`,
  );
  const verdict = conformant
    ? colors.green('Conformant: every MUST holds.')
    : colors.red('Not conformant: a MUST does not hold.');
  return ['', `${service}  ${parts.join(', ')}`, verdict];
}

function paintVerdict({ verdict, level }: CaseResult, colors: Colors): string {
  if (verdict === 'pass') return colors.green('pass');
  return level === 'MUST' ? colors.red('FAIL') : colors.yellow('FAIL');
}

function detail(label: string, text: string, colors: Colors): string {
  return `        ${colors.dim(label.padEnd(8))} ${text}`;
}

function describeHeaders(lines: readonly HeaderLine[]): string {
  if (lines.length === 0) return 'no baggage header';
  return lines.map(([name, value]) => `${name}: ${shorten(printable(value))}`).join('\n                 ');
}

function shorten(text: string): string {
  return text.length <= 120 ? text : `${text.slice(0, 80)}… (${text.length} bytes)`;
}

/** Escapes control characters: a service must not be able to move the cursor or fake a line of output. */
function printable(text: string): string {
  return /^[ -~…]*$/.test(text) ? text : inspect(text);
}
