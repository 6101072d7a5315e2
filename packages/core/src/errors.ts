/** One thing that is wrong with a configuration. */
export interface ConfigProblem {
  /** Where it stands: `egress[0]`, `LANEWAY_KEY`. */
  readonly path: string;
  /** What is wrong. */
  readonly message: string;
  /** What to write instead. */
  readonly remedy: string;
}

/** The codes of Laneway's errors, stable across versions. */
export type LanewayErrorCode = 'ERR_LANEWAY_CONFIG' | 'ERR_LANEWAY_ENTRY' | 'ERR_LANEWAY_ADAPTER';

/** The base of every error that Laneway throws; the message ends with the remedy. */
export class LanewayError extends Error {
  readonly code: LanewayErrorCode;

  constructor(code: LanewayErrorCode, message: string) {
    super(message);
    this.name = new.target.name;
    this.code = code;
  }
}

/** Thrown at start-up by `defineLanes`: every problem of the policy at once, each with its remedy. */
export class LanewayConfigError extends LanewayError {
  readonly problems: readonly ConfigProblem[];

  constructor(problems: readonly ConfigProblem[]) {
    const lines = problems.map(({ path, message, remedy }) => `  ${path}: ${message} ${remedy}`);
    const count = problems.length === 1 ? '1 problem' : `${problems.length} problems`;
    super('ERR_LANEWAY_CONFIG', `The lane policy has ${count}:\n${lines.join('\n')}`);
    this.problems = problems;
  }
}

/** Thrown by `LaneContext.set` for an entry that can be neither a header nor a baggage member. */
export class LanewayEntryError extends LanewayError {
  constructor(key: string, problem: string) {
    super(
      'ERR_LANEWAY_ENTRY',
      `The lane entry ${JSON.stringify(key)} ${problem}. ` +
        'Use letters, digits and -_.~ in keys, and printable Latin-1 text in the values of headers.',
    );
  }
}

/** Thrown when an adapter is handed something it cannot wrap. */
export class LanewayAdapterError extends LanewayError {
  constructor(message: string) {
    super('ERR_LANEWAY_ADAPTER', message);
  }
}
