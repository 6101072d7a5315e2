/** A constructor that returns its argument, so that a subclass adds its private fields to that object. */
const Passed = function (passed: object): object {
  return passed;
} as unknown as new (passed: object) => object;

/**
 * Marks headers by a private field. Not by a symbol, which `new Headers(options.headers)` rejects, as in a callback of MockAgent; nor by a
 * `WeakMap`, which costs more than attaching the lane.
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

/** Marks headers. They must not be marked already. */
export function markHeaders(headers: object, mark: unknown): void {
  void new Marked(headers, mark);
}

/** Returns the mark of headers, or `undefined`. Copies of marked headers are not marked. */
export function markOf(headers: unknown): unknown {
  return Marked.markOf(headers);
}
