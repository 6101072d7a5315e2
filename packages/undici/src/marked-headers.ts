/** Constructs the object that is passed, so that a subclass adds its private fields to it. */
const Passed = function (passed: object): object {
  return passed;
} as unknown as new (passed: object) => object;

/**
 * Marks headers by a private field, which nobody else can see: `new Headers(options.headers)`, as in a callback of MockAgent, refuses
 * symbols, and a `WeakMap` costs more than attaching the lane.
 */
class Marked extends Passed {
  readonly #mark: unknown;

  constructor(headers: object, mark: unknown) {
    super(headers);
    this.#mark = mark;
  }

  static markOf(headers: unknown): unknown {
    return typeof headers === 'object' && headers !== null && #mark in headers ? headers.#mark : undefined;
  }
}

/** Marks headers, which are not marked yet. */
export function markHeaders(headers: object, mark: unknown): void {
  void new Marked(headers, mark);
}

/** Returns what headers are marked with. Copies of them are not marked. */
export function markOf(headers: unknown): unknown {
  return Marked.markOf(headers);
}
