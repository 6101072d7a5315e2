import type { Row } from './judge.js';
import type { Measurement } from './measure.js';
import { situationNames } from './situations.js';
import type { WayName } from './way.js';

const FIGURES = ['calls', 'wrong', 'lost', 'leaked'] as const;
const TITLES: Record<WayName, string> = {
  wrapped: 'client wrapped',
  instrumented: 'instrumentHttp',
  opentelemetry: 'OpenTelemetry',
};
const count = new Intl.NumberFormat('en');

/** The figures of the table. */
export type Figures = Pick<Row, (typeof FIGURES)[number]>;

/** Returns the sum of rows. */
export function total(rows: readonly Row[]): Figures {
  const sum = { calls: 0, wrong: 0, lost: 0, leaked: 0 };
  for (const row of rows) for (const figure of FIGURES) sum[figure] += row[figure];
  return sum;
}

/** Returns the table: a row for each client and situation, the columns of each way, and the total. */
export function formatTable(measurements: readonly Measurement[]): string {
  const ways = (Object.keys(TITLES) as WayName[]).filter((way) =>
    measurements.some((one) => one.way === way),
  );
  const clients = [...new Set(measurements.map(({ client }) => client))];
  const find = (client: string, way: WayName): Measurement | undefined =>
    measurements.find((one) => one.client === client && one.way === way);
  const body = clients.flatMap((client) =>
    situationNames.map((situation, index) => [
      index === 0 ? client : '',
      situation,
      ...ways.flatMap((way) => cells(find(client, way)?.rows[index])),
    ]),
  );
  const sums = ways.flatMap((way) =>
    cells(total(measurements.filter((one) => one.way === way).flatMap(({ rows }) => rows))),
  );
  const head = ['client', 'situation', ...ways.flatMap(() => FIGURES)];
  const last = ['total', '', ...sums];
  const widths = head.map((_, column) =>
    Math.max(...[head, ...body, last].map((cellsOfRow) => (cellsOfRow[column] ?? '').length)),
  );
  const line = (row: readonly string[]): string =>
    row
      .map((cell, column) => {
        const padded = column < 2 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0);
        return column >= 2 && (column - 2) % FIGURES.length === 0 ? `| ${padded}` : padded;
      })
      .join('  ')
      .trimEnd();
  const groups = ways.map((way, index) => {
    const from = 2 + index * FIGURES.length;
    const width = widths.slice(from, from + FIGURES.length).reduce((sum, one) => sum + one + 2, -2);
    return `| ${TITLES[way].padEnd(width)}`;
  });
  const title = [''.padEnd(widths[0] ?? 0), ''.padEnd(widths[1] ?? 0), ...groups].join('  ').trimEnd();
  const rule = '-'.repeat(line(head).length);
  const blocks = clients.map((_, index) =>
    body
      .slice(index * situationNames.length, (index + 1) * situationNames.length)
      .map(line)
      .join('\n'),
  );
  return [title, line(head), rule, blocks.join(`\n${rule}\n`), rule, line(last)].join('\n');
}

function cells(figures: Figures | undefined): string[] {
  return FIGURES.map((figure) => (figures === undefined ? '' : count.format(figures[figure])));
}

/** Returns the progress line of a finished client. */
export function formatProgress({
  client,
  way,
  rows,
  requests,
  connections,
  seconds,
  doubts,
}: Measurement): string {
  const { calls, wrong, lost, leaked } = total(rows);
  return (
    `${client}, ${TITLES[way]}: ${count.format(calls)} calls, ${count.format(requests)} requests, ` +
    `${connections} connection${connections === 1 ? '' : 's'} at a time, ${seconds.toFixed(1)} s; ` +
    `wrong ${wrong}, lost ${lost}, leaked ${leaked}${doubts.length > 0 ? ', NOT AS PLANNED' : ''}`
  );
}

/** Returns the mistakes with Laneway and the doubts about the run; empty if the run passes. */
export function formatFaults(measurements: readonly Measurement[]): string[] {
  return measurements.flatMap(({ client, way, doubts, examples }) => {
    const said = way === 'opentelemetry' ? doubts : [...examples, ...doubts];
    return said.map((text) => `${client}, ${TITLES[way]}: ${text}`);
  });
}

/** Returns whether Laneway kept every lane and the run is valid. OpenTelemetry's figures don't count. */
export function passes(measurements: readonly Measurement[]): boolean {
  const counted = measurements.filter(({ way }) => way !== 'opentelemetry');
  if (counted.length === 0) return false;
  return counted.every(({ rows, doubts }) => {
    const { wrong, lost, leaked } = total(rows);
    return doubts.length === 0 && wrong + lost + leaked === 0;
  });
}
