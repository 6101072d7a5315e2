import type { CaseResult, HeaderLine, Report } from '@laneway/conformance';
import { format } from 'prettier';
import type { SdkInstallation, Subject } from './subject.js';

/** A subject and its report. */
export interface Judged {
  readonly subject: Subject;
  readonly report: Report;
}

const NAMES = { laneway: 'Laneway', opentelemetry: 'OpenTelemetry', both: 'both' } as const;

/** Returns the page to commit: the verdicts of every subject, and the members that OpenTelemetry loses. */
export function renderTable(judged: readonly Judged[], { versions }: SdkInstallation): Promise<string> {
  const packages = Object.entries(versions).map(([name, version]) => `\`${name}\` ${version}`);
  const page = `# Baggage on the wire: Laneway and OpenTelemetry JS

\`npm run table -w @laneway-internal/conformance\` generates this page; a test compares it with a new run.
[@laneway/conformance](../../packages/conformance) judges each service against [W3C Baggage](${judged[0]?.report.specification}).

Each service is express and one client, \`fetch\` or \`http\`, in a separate process.

- Laneway: \`expressLane\`, with \`laneFetch\` or \`laneHttp\`.
- OpenTelemetry: \`NodeSDK\` with its own propagators and instrumentations: ${packages.join(', ')}.
- both: the two together.

${renderSums(judged)}

## Every case

**FAIL**: the requirement does not hold. *Rewritten*: the meaning arrived unchanged, in different bytes.

${renderCases(judged)}

## What OpenTelemetry fails

${renderFailures(judged)}
`;
  return format(page, { parser: 'markdown', printWidth: 110 });
}

function nameOf({ carrier, client }: Subject): string {
  return `${NAMES[carrier]}, ${client}`;
}

function renderSums(judged: readonly Judged[]): string {
  const rows = judged.map(({ subject, report: { tallies, exact } }) => {
    const sums = [tallies.MUST, tallies.SHOULD, tallies.INFO, exact];
    return [nameOf(subject)].concat(sums.map(({ passed, failed }) => `${passed} of ${passed + failed}`));
  });
  return toTable([['service', 'MUST', 'SHOULD', 'INFO', 'byte for byte'], ...rows]);
}

function renderCases(judged: readonly Judged[]): string {
  const cases = judged[0]?.report.cases ?? [];
  const rows = cases.map(({ id, level, clauses, title }, index) => {
    const verdicts = judged.map(({ report }) => verdictOf(report.cases[index]));
    return [`\`${id}\``, level, clauses.join(', '), title.replaceAll('_', String.raw`\_`)].concat(verdicts);
  });
  return toTable([
    ['case', 'level', 'section', 'what must hold', ...judged.map(({ subject }) => nameOf(subject))],
    ...rows,
  ]);
}

function verdictOf(result: CaseResult | undefined): string {
  if (result?.verdict !== 'pass') return '**FAIL**';
  return result.exact === false ? 'pass, _rewritten_' : 'pass';
}

function renderFailures(judged: readonly Judged[]): string {
  const reports = judged.filter(({ subject }) => subject.carrier === 'opentelemetry');
  const failures = reports.flatMap(({ report }) => report.cases.filter(({ verdict }) => verdict === 'fail'));
  const rows = failures.map(({ id, level, problems, exchanges }) => {
    const { sent = [], arrived = [] } = exchanges[problems[0]?.exchange ?? 0] ?? {};
    return [`\`${id}\``, level, toCode(sent), toCode(arrived[0] ?? [])];
  });
  // Both clients fail in the same way: keep one row of each.
  const distinct = new Map(rows.map((row) => [row.join('|'), row]));
  return toTable([['case', 'level', 'sent', 'arrived'], ...distinct.values()]);
}

function toCode(lines: readonly HeaderLine[]): string {
  const texts = lines.map(([, value]) =>
    value.length > 90 ? `${value.slice(0, 20)}… (${value.length} bytes)` : value,
  );
  return texts.map((text) => `\`${text}\``).join(' ') || 'nothing';
}

function toTable([head = [], ...rows]: readonly (readonly string[])[]): string {
  return [head, head.map(() => '---'), ...rows]
    .map((row) => `| ${row.map((cell) => cell.replaceAll('|', String.raw`\|`)).join(' | ')} |`)
    .join('\n');
}
