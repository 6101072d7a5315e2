import { decide, isDecided } from './decision.js';
import { type Dispatcher, type DispatchOptions, isDispatcher } from './dispatch.js';
import { dispatchDecided } from './dispatch-in-lane.js';
import { findGlobalDispatcher, isGlobalMockActive } from './global-dispatcher.js';
import type { CallLane } from './lane-call.js';
import { watchCopies } from './undici-copies.js';

/**
 * The dispatcher of one fetch call: attaches the caller's lane to each hop, by that hop's own origin, and hands it on.
 *
 * It is asked late, perhaps while another request's connection comes free; so it keeps the lane of the call.
 */
export class CallDispatcher implements Dispatcher {
  readonly #call: CallLane;
  readonly #own: Dispatcher | undefined;

  /** @param own the caller's dispatcher @default the global one of the undici that asks, found when it asks */
  constructor(call: CallLane, own: Dispatcher | undefined) {
    this.#call = call;
    this.#own = own;
  }

  get isMockActive(): boolean {
    return this.#own === undefined ? isGlobalMockActive() : this.#own.isMockActive === true;
  }

  dispatch(options: DispatchOptions, handler: object): boolean {
    const next = this.#own ?? findGlobalDispatcher(handler);
    watchCopies(next);
    const { lanes, lane } = this.#call;
    const decided = isDecided(options) ? options : decide(options, lanes, lane, next);
    return dispatchDecided((laned, sameHandler) => next.dispatch(laned, sameHandler), decided, handler);
  }
}

/**
 * The dispatcher that a `Request` was given.
 *
 * undici 6 keeps it under a symbol of its own; later versions hide it (see README, limits).
 */
export function dispatcherOf(request: object): Dispatcher | undefined {
  const symbol = Object.getOwnPropertySymbols(request).find((key) => key.description === 'dispatcher');
  const hidden: unknown = symbol && (request as Record<symbol, unknown>)[symbol];
  return isDispatcher(hidden) ? hidden : undefined;
}
