/** One header line: the name exactly as written on the wire, and the value. */
export type HeaderLine = readonly [name: string, value: string];

/** What the harness sends in one request of a case. */
export interface Probe {
  /** The header lines of the case, each sent as a separate line. */
  readonly lines: readonly HeaderLine[];
  /** How many calls the service must make. */
  readonly calls: number;
}

/** One request to the service, and its outcome. */
export interface Exchange {
  readonly sent: readonly HeaderLine[];
  /** The status of the service's answer; `undefined` without one. */
  readonly status: number | undefined;
  /** Why the exchange cannot be judged: no answer, an answer outside 200 to 299, or a missing call. */
  readonly failure: string | undefined;
  /** The `baggage` header lines of each call that arrived, in the order of the request's list. */
  readonly calls: readonly (readonly HeaderLine[])[];
}

/** Returns the values of header lines. */
export function valuesOf(lines: readonly HeaderLine[]): string[] {
  return lines.map(([, value]) => value);
}
