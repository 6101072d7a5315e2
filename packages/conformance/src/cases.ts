import type { ConformanceCase } from './cases/case.js';
import { LIMITS } from './cases/limits.js';
import { MALFORMED } from './cases/malformed.js';
import { MEMBERS } from './cases/members.js';
import { PROPAGATION } from './cases/propagation.js';
import { VALUES } from './cases/values.js';
import { ConformanceError } from './errors.js';
import type { CaseInfo } from './report.js';

/** Every case, in the order of a run. */
export const ALL_CASES: readonly ConformanceCase[] = [
  ...PROPAGATION,
  ...LIMITS,
  ...MEMBERS,
  ...VALUES,
  ...MALFORMED,
];

/**
 * Returns the id, level, clauses and title of every case.
 *
 * @example
 * listCases().filter(({ level }) => level === 'MUST').length;
 */
export function listCases(): readonly CaseInfo[] {
  return ALL_CASES.map(({ id, level, clauses, title }) => ({ id, level, clauses, title }));
}

/** Returns the cases with these names, or all cases when there are no names. */
export function selectCases(only: readonly string[] = []): readonly ConformanceCase[] {
  const unknown = only.find((id) => !ALL_CASES.some((one) => one.id === id));
  if (unknown !== undefined)
    throw new ConformanceError(
      'ERR_CONFORMANCE_USAGE',
      `There is no case ${JSON.stringify(unknown)}. Use a name that --list (in code, listCases()) prints.`,
    );
  return only.length === 0 ? ALL_CASES : ALL_CASES.filter(({ id }) => only.includes(id));
}
