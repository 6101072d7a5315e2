import type { CaseResult, Level, Tally } from './report.js';

/** Counts the cases of each level that passed and failed. */
export function tallyLevels(results: readonly CaseResult[]): Record<Level, Tally> {
  const ofLevel = (level: Level): Tally =>
    count(results.filter((result) => result.level === level).map(({ verdict }) => verdict === 'pass'));
  return { MUST: ofLevel('MUST'), SHOULD: ofLevel('SHOULD'), INFO: ofLevel('INFO') };
}

/** Counts the cases where everything arrived byte for byte, of those where something could be compared. */
export function tallyExact(results: readonly CaseResult[]): Tally {
  return count(results.map(({ exact }) => exact).filter((exact) => exact !== undefined));
}

function count(passes: readonly boolean[]): Tally {
  const passed = passes.filter(Boolean).length;
  return { passed, failed: passes.length - passed };
}
