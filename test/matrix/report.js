/** @import { Outcome } from './suite.js' */

/**
 * Returns whether a runtime has run tests and none of them failed.
 *
 * @param {Outcome} outcome
 * @returns {boolean}
 */
export function isGreen({ passed, failed, broken, trouble }) {
  return passed > 0 && failed.length === 0 && broken.length === 0 && trouble === undefined;
}

/**
 * Returns the report: the names of skipped and failed tests, then a table with a row for each runtime.
 *
 * @param {Outcome[]} outcomes
 * @returns {string}
 */
export function formatReport(outcomes) {
  return [
    ...listOf('Skipped', outcomes, ({ skips }) => skips),
    ...listOf('Failed', outcomes, ({ failed, broken, trouble }) => [
      ...broken,
      ...failed,
      ...(trouble ? [trouble] : []),
    ]),
    ...tableOf(outcomes),
  ].join('\n');
}

function listOf(title, outcomes, namesOf) {
  const runtimes = new Map();
  for (const outcome of outcomes)
    for (const name of new Set(namesOf(outcome)))
      runtimes.set(name, [...(runtimes.get(name) ?? []), outcome.name]);
  if (runtimes.size === 0) return [];
  return [`${title}:`, ...Array.from(runtimes, ([name, on]) => `  ${name} [${on.join(', ')}]`), ''];
}

function tableOf(outcomes) {
  const rows = [
    ['runtime', 'version', 'files', 'passed', 'failed', 'skipped', 'time'],
    ...outcomes.map((outcome) => [
      outcome.name,
      outcome.version,
      `${outcome.files}${outcome.broken.length > 0 ? ` (${outcome.broken.length} broken)` : ''}`,
      String(outcome.passed),
      String(outcome.failed.length),
      String(outcome.skipped),
      `${outcome.seconds.toFixed(0)} s`,
      isGreen(outcome) ? '' : 'not green',
    ]),
  ];
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column].length)));
  const isText = (column) => column < 2 || column >= widths.length;
  return rows.map((row) =>
    row
      .map((cell, column) =>
        isText(column) ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column]),
      )
      .join('  ')
      .trimEnd(),
  );
}
