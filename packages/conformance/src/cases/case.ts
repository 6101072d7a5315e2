import type { HeaderLine, Probe } from '../exchange.js';
import { allArrive, type Judge } from '../judges.js';
import type { CaseInfo, Level } from '../report.js';

/** One case: what it sends, and how it judges what arrives. */
export interface ConformanceCase extends CaseInfo {
  readonly probes: readonly Probe[];
  /** Sends all probes at once, and answers no first call until every probe's first call has arrived. @default false */
  readonly interleaved?: boolean;
  readonly judge: Judge;
}

/** A draft of a case. Each element of `baggage` is one request: a string is one header line, an array several lines. */
export interface CaseDraft {
  readonly title: string;
  readonly clauses: readonly string[];
  readonly baggage: readonly (string | readonly string[])[];
  /** @default allArrive */
  readonly judge?: Judge;
}

/** Creates a case of level `MUST`. */
export const must: (id: string, draft: CaseDraft) => ConformanceCase = drafter('MUST');
/** Creates a case of level `SHOULD`: a recommendation of the specification. */
export const should: typeof must = drafter('SHOULD');
/** Creates a case of level `INFO`: the specification leaves it open. */
export const info: typeof must = drafter('INFO');

/** Creates a request with these baggage lines. */
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
