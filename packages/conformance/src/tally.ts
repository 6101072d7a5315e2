import type { CaseResult, Level, Tally } from './report.js';

/** How many cases of each level passed. */
export function tallyLevels(results: readonly CaseResult[]): Record<Level, Tally> {
  const ofLevel = (level: Level): Tally =>
    count(results.filter((result) => result.level === level).map(({ verdict }) => verdict === 'pass'));
  return { MUST: ofLevel('MUST'), SHOULD: ofLevel('SHOULD'), INFO: ofLevel('INFO') };
}

/** In how many cases everything arrived byte for byte, of those where something could be compared. */
export function tallyExact(results: readonly CaseResult[]): Tally {
  return count(results.map(({ exact }) => exact).filter((exact) => exact !== undefined));
}

function count(passes: readonly boolean[]): Tally {
  const passed = passes.filter(Boolean).length;
  return { passed, failed: passes.length - passed };
}
