import { whileAttached } from '@laneway/core';
import type { Dispatcher, DispatchOptions } from './dispatch.js';
import { findGlobalDispatcher, isGlobalMockActive } from './global-dispatcher.js';
import { attachToHop, isDecided } from './hop.js';
import { watchIndirect } from './hop-watch.js';
import type { CallLane } from './lane-call.js';

/**
 * The dispatcher of one fetch call: attaches the caller's lane to each hop, by that hop's own destination.
 *
 * fetch follows redirects itself and dispatches each hop, perhaps late and from another request's context, so the lane is that of the call.
 */
export class CallDispatcher implements Dispatcher {
  readonly #call: CallLane;
  readonly #original: Dispatcher | undefined;

  /** @param original the caller's dispatcher @default the global one of the undici that dispatches */
  constructor(call: CallLane, original: Dispatcher | undefined) {
    this.#call = call;
    this.#original = original;
  }

  get isMockActive(): boolean {
    return this.#original === undefined ? isGlobalMockActive() : this.#original.isMockActive === true;
  }

  dispatch(options: DispatchOptions, handler: object): boolean {
    const next = this.#original ?? findGlobalDispatcher(handler);
    if (isDecided(options)) return next.dispatch(options, handler);
    watchIndirect(next);
    const attached = attachToHop(options, this.#call, next);
    return whileAttached(() => next.dispatch(attached, handler));
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
  return typeof (hidden as Partial<Dispatcher> | undefined)?.dispatch === 'function'
    ? (hidden as Dispatcher)
    : undefined;
}
