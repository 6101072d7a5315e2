/** One thing that is wrong with a configuration. */
export interface ConfigProblem {
  /** Where it stands: `egress[0]`, `LANEWAY_KEY`. */
  readonly path: string;
  /** What is wrong. */
  readonly message: string;
  /** What to write instead. */
  readonly remedy: string;
}

/** The base of every error that Laneway throws; the message ends with the remedy. */
export class LanewayError<Code extends string = string> extends Error {
  /** What kind of failure it is; stable, unlike the message. */
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

/** Thrown by `LaneContext.set` for an entry that can be neither a header nor a baggage member. */
export class LanewayEntryError extends LanewayError<'ERR_LANEWAY_ENTRY'> {
  constructor(key: string, problem: string) {
    super(
      'ERR_LANEWAY_ENTRY',
      `The lane entry ${JSON.stringify(key)} ${problem}. ` +
        'Use letters, digits and -_.~ in keys, and printable Latin-1 text in the values of headers.',
    );
  }
}

/** Thrown by `run` and `attach` for a lane that is none. */
export class LanewayLaneError extends LanewayError<'ERR_LANEWAY_LANE'> {
  constructor(given: unknown) {
    super(
      'ERR_LANEWAY_LANE',
      `${typeof given === 'string' ? JSON.stringify(given) : String(given)} is no lane. ` +
        "Use lanes.capture(headers), or make one: BASELINE.set(key, 'v2').",
    );
  }
}

/** Thrown when an adapter is handed something it cannot wrap. */
export class LanewayAdapterError extends LanewayError<'ERR_LANEWAY_ADAPTER'> {
  constructor(message: string) {
    super('ERR_LANEWAY_ADAPTER', message);
  }
}
