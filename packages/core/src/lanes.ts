import type { Carrier } from './headers/carrier.js';
import type { LaneContext } from './store/lane-context.js';
import type { LanePolicy } from './policy/policy.js';
import type { Sender } from './policy/trust.js';

/** The destination of a call: an absolute URL (`https://host/path`), an origin, or a host with or without a port. */
export type Destination = string | URL;

/** One header that is sent: its name in lower case, and its value. */
export type OutgoingHeader = readonly [name: string, value: string];

/** Options of `attach`. */
export interface AttachOptions {
  /**
   * The destination of this hop. The lane is attached only if egress allows it. Egress must allow each of several destinations, such as a
   * proxy and the origin behind it. Nothing is attached if the list is empty.
   */
  readonly to: Destination | readonly Destination[];
  /** The lane context to attach. @default the current one */
  readonly lane?: LaneContext;
}

/** The type of {@link Lanes.attach}. */
export interface Attach {
  <C extends Carrier>(headers: C, options: AttachOptions): C;
  (headers: undefined, options: AttachOptions): Record<string, string> | undefined;
  <C extends Carrier>(headers: C | undefined, options: AttachOptions): C | Record<string, string> | undefined;
}

/**
 * Captures, runs and attaches lanes under one policy. Create it once per service with `defineLanes`, and pass it to every adapter.
 *
 * No method throws because of what a request contains: malformed input is dropped and reported on `laneway:drop`.
 */
export interface Lanes {
  /** The policy with all defaults. */
  readonly policy: Required<LanePolicy>;

  /**
   * Returns the lane context of inbound headers; `BASELINE` if they carry no lane, or if the policy does not trust the sender. Does not
   * change the carrier. If the headers do not name a lane, the `sources` of the policy are tried.
   *
   * @param from the sender. Without it, a `trust` that lists addresses does not trust the headers, and only the source `cookie` is read.
   */
  readonly capture: (headers: Carrier, from?: Sender) => LaneContext;

  /**
   * Returns the headers without the lane: the same object if they have none, otherwise a copy of the same shape. Use it before you forward
   * headers of an untrusted sender. Baggage that the policy does not carry stays; of cookies only the one that `sources` names is removed.
   */
  readonly strip: <C extends Carrier>(headers: C) => C;

  /**
   * Returns a request target (`/path?query`) or a URL without the query parameter that `sources` of the policy names: the same text if it
   * does not have that parameter. Use it before you forward the URL of an untrusted sender.
   */
  readonly stripUrl: (url: string) => string;

  /**
   * Returns the headers with the lane: the same object if there is nothing to add, otherwise a copy of the same shape. A header that is
   * already there wins; `baggage` is merged per key.
   */
  attach<C extends Carrier>(headers: C, options: AttachOptions): C;
  attach(headers: undefined, options: AttachOptions): Record<string, string> | undefined;
  attach<C extends Carrier>(
    headers: C | undefined,
    options: AttachOptions,
  ): C | Record<string, string> | undefined;

  /** Returns the lane context in which this code runs; `BASELINE` outside any lane, never `undefined`. */
  readonly current: () => LaneContext;

  /**
   * Runs `fn` in the lane, and returns its result. Timers and promises that `fn` starts stay in the lane.
   *
   * @param unit for adapters: the object that stands for a new unit of work, such as the request. All code that `fn` runs belongs to this
   *   unit, also when that code sets another lane. @default the caller's unit
   * @throws {LanewayLaneError} when `lane` is not a lane context, for example a name
   * @example
   * lanes.run(BASELINE.set('version', 'v2'), fn);
   */
  readonly run: <T>(lane: LaneContext, fn: () => T, unit?: object) => T;

  /**
   * Runs `fn` outside any lane and any request, and returns its result. Use it for background work, shared caches and connections that a
   * request opens for others. To continue a request at the baseline, use `lanes.run(BASELINE, next)`.
   */
  readonly baseline: <T>(fn: () => T) => T;

  /**
   * Returns a function that calls `fn` in the lane in which `bind` was called. It passes `this` and the arguments on. Use it for callbacks
   * that run later.
   */
  readonly bind: <A extends unknown[], R>(fn: (...args: A) => R) => (...args: A) => R;
}
