import type { Carrier } from '@laneway/core';

/** The part of undici's `Dispatcher` that Laneway uses. */
export interface Dispatcher {
  dispatch(options: DispatchOptions, handler: object): boolean;
  /** Whether it is an active `MockAgent`. fetch then passes it the original body instead of a stream. */
  readonly isMockActive?: boolean;
}

/** Sends a request: the `dispatch` of a dispatcher, or of an interceptor. */
export type Dispatch = Dispatcher['dispatch'];

/** The options of one dispatch: one request, which is one hop. */
export interface DispatchOptions {
  readonly path?: string;
  readonly method?: string;
  readonly origin?: string | URL;
  readonly headers?: Carrier | null | undefined;
  /** The name for TLS. When undici's dns interceptor replaces the origin's name by an address, it keeps the name here. */
  readonly servername?: string | null | undefined;
}

/** Whether a value is a dispatcher. */
export function isDispatcher(value: unknown): value is Dispatcher {
  return typeof (value as Dispatcher | null | undefined)?.dispatch === 'function';
}
