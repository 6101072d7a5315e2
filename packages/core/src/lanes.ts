import type { Carrier } from './headers/carrier.js';
import type { LaneContext } from './store/lane-context.js';
import type { LanePolicy } from './policy/policy.js';
import type { Sender } from './policy/trust.js';

/** Where a call goes: an absolute URL (`https://host/path`), an origin, or a bare host with or without a port. */
export type Destination = string | URL;

/** One header that leaves: its name, in lower case, and its value. */
export type OutgoingHeader = readonly [name: string, value: string];

/** Options of `attach`. */
export interface AttachOptions {
  /**
   * The destination of this hop: the lane is attached only if egress allows it. Of several, such as a proxy and the host that it is asked
   * for, egress must allow all; with none, nothing is attached.
   */
  readonly to: Destination | readonly Destination[];
  /** The lane to attach. @default the current one */
  readonly lane?: LaneContext;
}

/** See {@link Lanes.attach}. */
export interface Attach {
  <C extends Carrier>(headers: C, options: AttachOptions): C;
  (headers: undefined, options: AttachOptions): Record<string, string> | undefined;
  <C extends Carrier>(headers: C | undefined, options: AttachOptions): C | Record<string, string> | undefined;
}

/**
 * A policy at work: captures, keeps and attaches lanes. Make it once per service with `defineLanes`, hand it to every adapter.
 *
 * None of these ever throws for what a request brings: malformed input is dropped and reported on `laneway:drop`.
 */
export interface Lanes {
  /** The policy, every default filled in. */
  readonly policy: Required<LanePolicy>;

  /**
   * Reads the lane from inbound headers; `BASELINE` when they carry none, or the policy does not trust who sent them. The carrier is
   * not changed.
   *
   * @param from who sent them; without it, only a policy that trusts everybody, or asks a function, finds a lane
   */
  readonly capture: (headers: Carrier, from?: Sender) => LaneContext;

  /**
   * Returns the headers without the lane: the very same object when there is none, else a copy of the same shape. For headers of a
   * stranger that are to be forwarded; baggage that the policy does not carry stays.
   */
  readonly strip: <C extends Carrier>(headers: C) => C;

  /**
   * Returns the headers with the lane added: the very same object when there is nothing to add, else a copy of the same
   * shape. A header that is there wins over the lane's; `baggage` is merged per key.
   */
  attach<C extends Carrier>(headers: C, options: AttachOptions): C;
  attach(headers: undefined, options: AttachOptions): Record<string, string> | undefined;
  attach<C extends Carrier>(
    headers: C | undefined,
    options: AttachOptions,
  ): C | Record<string, string> | undefined;

  /** The lane this code runs in; `BASELINE` outside any lane, never `undefined`. */
  readonly current: () => LaneContext;

  /**
   * Runs `fn` in the lane, replacing the one it is called in; what it starts, timers and promises, stays in it.
   *
   * @param unit for adapters: an object that stands for the unit of work that starts here, such as a request. What runs inside belongs to
   *   it, whatever its lane. @default the unit of the caller
   * @throws {LanewayLaneError} when `lane` is none, such as a lane's name
   * @example
   * lanes.run(BASELINE.set('version', 'v2'), fn);
   */
  readonly run: <T>(lane: LaneContext, fn: () => T, unit?: object) => T;

  /**
   * Runs `fn` outside any lane and any request: background work, shared caches, lazily opened connections. For the rest of a request
   * use `lanes.run(BASELINE, next)`.
   */
  readonly baseline: <T>(fn: () => T) => T;

  /** Returns `fn` bound to the current lane: for callbacks that outlive their caller. `this` and arguments pass through. */
  readonly bind: <A extends unknown[], R>(fn: (...args: A) => R) => (...args: A) => R;
}
