import type { HeaderLine, Probe } from '../exchange.js';
import { allArrive, type Judge } from '../judges.js';
import type { CaseInfo, Level } from '../report.js';

/** One thing that is checked. */
export interface ConformanceCase extends CaseInfo {
  readonly probes: readonly Probe[];
  /** Sends all probes at once and lets none of their first calls go before all are there. @default false */
  readonly interleaved?: boolean;
  readonly judge: Judge;
}

/** What most cases are: baggage values, each a request of its own or, as an array, the lines of one. */
export interface CaseDraft {
  readonly title: string;
  readonly clauses: readonly string[];
  readonly baggage: readonly (string | readonly string[])[];
  /** @default allArrive */
  readonly judge?: Judge;
}

/** Makes a case of a level; the level is the first word that one reads. */
export const must: (id: string, draft: CaseDraft) => ConformanceCase = drafter('MUST');
/** The same for a recommendation of the text. */
export const should: typeof must = drafter('SHOULD');
/** The same for what the text leaves open. */
export const info: typeof must = drafter('INFO');

/** A request with baggage lines. */
export function probe(baggage: string | readonly string[], calls = 1): Probe {
  const values = typeof baggage === 'string' ? [baggage] : baggage;
  return { lines: values.map((value): HeaderLine => ['baggage', value]), calls };
}

function drafter(level: Level): (id: string, draft: CaseDraft) => ConformanceCase {
  return (id, { baggage, judge = allArrive, title, clauses }) => ({
    id,
    level,
    clauses,
    title,
    probes: baggage.map((value) => probe(value)),
    judge,
  });
}
