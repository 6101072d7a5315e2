import type { HeaderLine } from './exchange.js';

/**
 * How much a case weighs: `MUST` decides, `SHOULD` is a recommendation of the text, `INFO` is what the text leaves open and users
 * may still want to know.
 */
export type Level = 'MUST' | 'SHOULD' | 'INFO';

/** What is known of a case before it is run. */
export interface CaseInfo {
  /** Stable, for `--only` and for scripts. */
  readonly id: string;
  readonly level: Level;
  /** The sections of W3C Baggage that it rests on. */
  readonly clauses: readonly string[];
  /** What must hold. */
  readonly title: string;
}

/** Why a case failed. */
export interface Problem {
  /** Which of the case's `exchanges`. */
  readonly exchange: number;
  readonly why: string;
}

/** The verdict of one case. */
export interface CaseResult extends CaseInfo {
  readonly verdict: 'pass' | 'fail';
  readonly problems: readonly Problem[];
  /**
   * Whether every member arrived byte for byte and in its place; white space around commas does not count, and of what is over the
   * limits only what arrived. `undefined` when nothing could be compared. For information: the text lets members be rewritten.
   */
  readonly exact: boolean | undefined;
  /** What else is worth knowing. */
  readonly note?: string | undefined;
  readonly exchanges: readonly ExchangeReport[];
}

/** What was sent and what arrived. */
export interface ExchangeReport {
  readonly sent: readonly HeaderLine[];
  /** `null` without an answer. */
  readonly status: number | null;
  /** The `baggage` lines of each call. */
  readonly arrived: readonly (readonly HeaderLine[])[];
}

/** How many cases of a level passed. */
export interface Tally {
  readonly passed: number;
  readonly failed: number;
}

/** What a whole run found; as JSON, what `--json` writes. */
export interface Report {
  /** Of this format. Grows when a field changes its meaning or goes. */
  readonly version: 1;
  /** The text that is judged by. */
  readonly specification: string;
  readonly service: string;
  /** Whether every MUST that was run holds. */
  readonly conformant: boolean;
  readonly tallies: Readonly<Record<Level, Tally>>;
  /** Of the cases where something could be compared. */
  readonly exact: Tally;
  readonly cases: readonly CaseResult[];
}

/** The text that is judged by: a fixed version of `https://www.w3.org/TR/baggage/`. */
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

/** The address of a section of the specification. */
export function clauseUrl(clause: string): string {
  return `${SPECIFICATION}#${ANCHORS[clause] ?? ''}`;
}
