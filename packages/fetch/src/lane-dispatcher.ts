import { type HeaderRecord, LanewayAdapterError, withoutOtelBaggage } from '@laneway/core';
import type { LaneCall } from './lane-call.js';
import type { ClientOptions } from './request-init.js';
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

// undici up to 7 keeps its global dispatcher under the first, undici 8 under the second: there with handlers of the new style.
const FIRST = Symbol.for('undici.globalDispatcher.1');
const SECOND = Symbol.for('undici.globalDispatcher.2');
const globals = globalThis as { readonly [FIRST]?: Dispatcher; readonly [SECOND]?: Dispatcher };

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
    const next = this.#own ?? globals[FIRST] ?? globals[SECOND];
    return next?.isMockActive === true;
  }

  dispatch(options: DispatchOptions, handler: object): boolean {
    const next = this.#own ?? findGlobal(handler);
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
 * The dispatcher that a caller chose, in the options of a call or in its `Request`.
 *
 * undici 6 keeps that of a `Request` under a symbol of its own; later versions hide it (see README, limits).
 */
export function findDispatcher(
  init: ClientOptions | null | undefined,
  request: object | null | undefined,
): Dispatcher | undefined {
  const chosen = init?.dispatcher;
  if (isDispatcher(chosen)) return chosen;
  if (request === undefined || request === null) return undefined;
  const symbol = Object.getOwnPropertySymbols(request).find((key) => key.description === 'dispatcher');
  const hidden: unknown = symbol && (request as Record<symbol, unknown>)[symbol];
  return isDispatcher(hidden) ? hidden : undefined;
}

function isDispatcher(value: unknown): value is Dispatcher {
  return typeof (value as Dispatcher | null | undefined)?.dispatch === 'function';
}

function findGlobal(handler: object): Dispatcher {
  const found =
    'onRequestStart' in handler ? (globals[SECOND] ?? globals[FIRST]) : (globals[FIRST] ?? globals[SECOND]);
  if (found !== undefined) return found;
  throw new LanewayAdapterError(
    'laneFetch found no global dispatcher of undici. Pass a dispatcher in the options of the call.',
  );
}
