/** One header line: the name as it was or is to be written, and the value. */
export type HeaderLine = readonly [name: string, value: string];

/** What the harness sends in one request of a case. */
export interface Probe {
  /** The header lines of the case, each by itself on the wire. */
  readonly lines: readonly HeaderLine[];
  /** How many calls the service is asked to make. */
  readonly calls: number;
}

/** One request to the service, and what came of it. */
export interface Exchange {
  readonly sent: readonly HeaderLine[];
  /** The status of the service's answer; `undefined` without one. */
  readonly status: number | undefined;
  /** Why it cannot be judged: no answer, an answer that is no success, a call that was not made. */
  readonly failure: string | undefined;
  /** The `baggage` header lines of each call that arrived, in the order in which they were asked for. */
  readonly calls: readonly (readonly HeaderLine[])[];
}

/** The values of header lines. */
export function valuesOf(lines: readonly HeaderLine[]): string[] {
  return lines.map(([, value]) => value);
}
