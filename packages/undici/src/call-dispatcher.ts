import { whileAttached } from '@laneway/core';
import { type Dispatcher, type DispatchOptions, isDispatcher } from './dispatch.js';
import { findGlobalDispatcher, isGlobalMockActive } from './global-dispatcher.js';
import { attachToHop, isDecided, reattachToHop } from './hop.js';
import type { CallLane } from './lane-call.js';
import { dispatchOf } from './watched-dispatch.js';

/**
 * The dispatcher of one fetch call. It attaches the caller's lane to each hop whose destination egress allows.
 *
 * fetch follows redirects itself, and may dispatch a hop in another request's context, so the lane is stored when fetch is called.
 */
export class CallDispatcher implements Dispatcher {
  readonly #call: CallLane;
  readonly #original: Dispatcher | undefined;

  /** @param original the dispatcher that the caller passed @default the global dispatcher of the undici that dispatches */
  constructor(call: CallLane, original: Dispatcher | undefined) {
    this.#call = call;
    this.#original = original;
  }

  get isMockActive(): boolean {
    return this.#original === undefined ? isGlobalMockActive() : this.#original.isMockActive === true;
  }

  dispatch(options: DispatchOptions, handler: object): boolean {
    const next = this.#original ?? findGlobalDispatcher(handler);
    const dispatch = dispatchOf(next);
    // A wrapped fetch around this one has attached the lane, but does not know where `next` sends the request.
    if (isDecided(options)) return dispatch(reattachToHop(options, next), handler);
    const attached = attachToHop(options, this.#call, next);
    return whileAttached(() => dispatch(attached, handler));
  }
}

/**
 * Returns the dispatcher that a `Request` was created with, or `undefined`.
 *
 * undici 6 stores it under a symbol. Later versions hide it (see Limits in the README of `@laneway/fetch`).
 */
export function dispatcherOf(request: object): Dispatcher | undefined {
  const symbol = Object.getOwnPropertySymbols(request).find((key) => key.description === 'dispatcher');
  const stored: unknown = symbol && (request as Record<symbol, unknown>)[symbol];
  return isDispatcher(stored) ? stored : undefined;
}
