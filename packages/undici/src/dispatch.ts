import type { Carrier } from '@laneway/core';

/** The part of undici's `Dispatcher` that concerns us. */
export interface Dispatcher {
  dispatch(options: DispatchOptions, handler: object): boolean;
  /** Whether it is a `MockAgent` at work: fetch then hands it the body as it was given. */
  readonly isMockActive?: boolean;
}

/** Hands a request on: the `dispatch` of a dispatcher, or of an interceptor. */
export type Dispatch = Dispatcher['dispatch'];

/** What is dispatched: one request, which is one hop. */
export interface DispatchOptions {
  readonly path?: string;
  readonly method?: string;
  readonly origin?: string | URL;
  readonly headers?: Carrier | null | undefined;
  /** The name that TLS asks for; undici's dns interceptor puts the name here that it has put an address in the place of. */
  readonly servername?: string | null | undefined;
}

/** Whether it can dispatch, as undici's own do. */
export function isDispatcher(value: unknown): value is Dispatcher {
  return typeof (value as Dispatcher | null | undefined)?.dispatch === 'function';
}
