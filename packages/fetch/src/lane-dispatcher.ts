import { type HeaderRecord, withoutOtelBaggage } from '@laneway/core';
import { findGlobalDispatcher, isGlobalMockActive } from './global-dispatcher.js';
import type { LaneCall } from './lane-call.js';
import { endDispatch, watchHeaders } from './request-watch.js';

/** The part of undici's `Dispatcher` that its fetch uses. */
export interface Dispatcher {
  dispatch(options: DispatchOptions, handler: object): boolean;
  /** Whether it is a `MockAgent` at work: fetch then hands it the body as it was given. */
  readonly isMockActive?: boolean;
}

/** What a fetch dispatches. */
export interface DispatchOptions {
  readonly path?: string;
  readonly method?: string;
  readonly origin?: string | URL;
  readonly headers?: HeaderRecord | undefined;
}

/**
 * The dispatcher of one fetch call: attaches the caller's lane to each hop, by that hop's own origin, and hands it on.
 *
 * It is asked late, perhaps while another request's connection comes free; so it keeps the lane of the call.
 */
export class LaneDispatcher implements Dispatcher {
  readonly #call: LaneCall;
  readonly #own: Dispatcher | undefined;

  /** @param own the caller's dispatcher @default the global one of the undici that asks, found when it asks */
  constructor(call: LaneCall, own: Dispatcher | undefined) {
    this.#call = call;
    this.#own = own;
  }

  get isMockActive(): boolean {
    return this.#own === undefined ? isGlobalMockActive() : this.#own.isMockActive === true;
  }

  dispatch(options: DispatchOptions, handler: object): boolean {
    const next = this.#own ?? findGlobalDispatcher(handler);
    const { lanes, lane } = this.#call;
    const attached = lanes.attach(options.headers, { to: options.origin ?? '', lane });
    const headers = watchHeaders(options, attached);
    const laned = headers === options.headers ? options : { ...options, headers };
    try {
      return withoutOtelBaggage(() => next.dispatch(laned, handler));
    } finally {
      endDispatch();
    }
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

/** Whether it can dispatch, as undici's own do. */
export function isDispatcher(value: unknown): value is Dispatcher {
  return typeof (value as Dispatcher | null | undefined)?.dispatch === 'function';
}
