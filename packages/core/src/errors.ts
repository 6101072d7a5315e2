/** One problem of a configuration. */
export interface ConfigProblem {
  /** Where it is: `egress[0]`, `LANEWAY_KEY`. */
  readonly path: string;
  /** What is wrong. */
  readonly message: string;
  /** What to write instead. */
  readonly remedy: string;
}

/** The base class of every error that Laneway throws. The message ends with what to write instead. */
export class LanewayError<Code extends string = string> extends Error {
  /** The kind of failure. Unlike the message, it stays the same across versions. */
  readonly code: Code;

  constructor(code: Code, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
    this.code = code;
  }
}

/** Thrown at start-up by `defineLanes`: every problem of the policy at once, each with its remedy. */
export class LanewayConfigError extends LanewayError<'ERR_LANEWAY_CONFIG'> {
  readonly problems: readonly ConfigProblem[];

  constructor(problems: readonly ConfigProblem[]) {
    const lines = problems.map(({ path, message, remedy }) => `  ${path}: ${message} ${remedy}`);
    const count = problems.length === 1 ? '1 problem' : `${problems.length} problems`;
    super('ERR_LANEWAY_CONFIG', `The lane policy has ${count}:\n${lines.join('\n')}`);
    this.problems = problems;
  }
}

/** Thrown when `LaneContext.set` receives an entry that can be neither a header nor a baggage member. */
export class LanewayEntryError extends LanewayError<'ERR_LANEWAY_ENTRY'> {
  constructor(key: string, problem: string) {
    super(
      'ERR_LANEWAY_ENTRY',
      `The lane entry ${JSON.stringify(key)} ${problem}. ` +
        'Use letters, digits and -_.~ in keys, and printable Latin-1 text in the values of headers.',
    );
  }
}

/** Thrown when `run` or `attach` receives something that is not a lane context. */
export class LanewayLaneError extends LanewayError<'ERR_LANEWAY_LANE'> {
  constructor(value: unknown) {
    super(
      'ERR_LANEWAY_LANE',
      `${typeof value === 'string' ? JSON.stringify(value) : String(value)} is not a lane context. ` +
        "Use what lanes.capture(headers) returns, or create one: BASELINE.set(key, 'v2').",
    );
  }
}

/** Thrown when an adapter receives something that it cannot wrap. */
export class LanewayAdapterError extends LanewayError<'ERR_LANEWAY_ADAPTER'> {
  constructor(message: string) {
    super('ERR_LANEWAY_ADAPTER', message);
  }
}
