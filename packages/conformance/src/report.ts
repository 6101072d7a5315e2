import type { HeaderLine } from './exchange.js';

/**
 * The level of a case. `MUST` is a requirement and decides the verdict, `SHOULD` is a recommendation, `INFO` is not specified but
 * useful to know.
 */
export type Level = 'MUST' | 'SHOULD' | 'INFO';

/** The description of a case. */
export interface CaseInfo {
  /** The stable name, for `--only` and for scripts. */
  readonly id: string;
  readonly level: Level;
  /** The sections of W3C Baggage that require it. */
  readonly clauses: readonly string[];
  /** What must hold. */
  readonly title: string;
}

/** Why a case failed. */
export interface Problem {
  /** An index of the case's `exchanges`. */
  readonly exchange: number;
  readonly why: string;
}

/** The result of one case. */
export interface CaseResult extends CaseInfo {
  readonly verdict: 'pass' | 'fail';
  readonly problems: readonly Problem[];
  /**
   * Whether every member arrived byte for byte and in order; `undefined` when nothing could be compared. White space around commas
   * is ignored. Over the limits only the members that arrived count. For information: the specification allows rewriting members.
   */
  readonly exact: boolean | undefined;
  /** An observation that does not change the verdict. */
  readonly note?: string | undefined;
  readonly exchanges: readonly ExchangeReport[];
}

/** What was sent and what arrived. */
export interface ExchangeReport {
  readonly sent: readonly HeaderLine[];
  /** The status of the answer, or `null` without an answer. */
  readonly status: number | null;
  /** The `baggage` lines of each call. */
  readonly arrived: readonly (readonly HeaderLine[])[];
}

/** How many cases of a level passed. */
export interface Tally {
  readonly passed: number;
  readonly failed: number;
}

/** The result of a run. `--json` writes it as JSON. */
export interface Report {
  /** The version of this format. It increases when a field is removed or changes its meaning. */
  readonly version: 1;
  /** The URL of the specification. */
  readonly specification: string;
  readonly service: string;
  /** Whether every MUST that was run holds. */
  readonly conformant: boolean;
  readonly tallies: Readonly<Record<Level, Tally>>;
  /** How many cases arrived byte for byte, of those where something could be compared. */
  readonly exact: Tally;
  readonly cases: readonly CaseResult[];
}

/** The URL of the specification: a fixed version of `https://www.w3.org/TR/baggage/`. */
export const SPECIFICATION = 'https://www.w3.org/TR/2024/CR-baggage-20240530/';

const ANCHORS: Readonly<Record<string, string>> = {
  '2': 'overview',
  '3': 'baggage-http-header-format',
  '3.1': 'header-name',
  '3.2': 'header-encoding',
  '3.3.1': 'definition',
  '3.3.1.1': 'baggage-string',
  '3.3.1.2': 'key',
  '3.3.1.3': 'value',
  '3.3.1.4': 'property',
  '3.3.2': 'limits',
  '3.5': 'mutating-baggage',
};

/** Returns the URL of a section of the specification. */
export function clauseUrl(clause: string): string {
  return `${SPECIFICATION}#${ANCHORS[clause] ?? ''}`;
}
