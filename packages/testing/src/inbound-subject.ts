import type { Lanes } from '@laneway/core';

/**
 * Returns the body of the response to a request. It is called once for each request, in the lane of that request, with the parsed body
 * and the headers and the URL as the application sees them.
 */
export type Handle = (body: string, headers?: Headers | object, url?: string) => string | Promise<string>;

/**
 * Middleware, or the framework's equivalent. It is called once for each request, before the handler, and calls `next` from the callback of
 * a connection that all requests share.
 */
export type Middleware = (next: () => void) => void;

/** A response that stays open, such as server-sent events. */
export interface OpenAnswer {
  write(piece: string): void;
  /** Calls `listener` when the client has closed the connection. */
  onClose(listener: () => void): void;
}

/** Writes a response that stays open. It is called once for each request, in the lane of that request. */
export type HandleStream = (answer: OpenAnswer) => void;

/** A running server of the framework under test. */
export interface InboundServer {
  /**
   * Sends one request (or one handshake and message) with these headers, and resolves with the response. `ok` is false when the
   * framework responded with an error.
   *
   * @param query the query of the URL, without `?` @default none
   */
  send(
    headers: Record<string, string | string[]>,
    body?: string,
    query?: string,
  ): Promise<{ ok: boolean; body: string }>;
  close(): Promise<void>;
}

/** An inbound adapter, and how to start its framework with it. */
export interface InboundSubject {
  readonly name: string;
  /** @param middleware runs between the adapter and the handler; ignore it when the framework has no middleware */
  start(lanes: Lanes, handle: Handle, middleware?: Middleware): Promise<InboundServer>;
  /** Starts a server whose responses stay open. Leave it out when the framework has no such responses. */
  startStream?(lanes: Lanes, handle: HandleStream): Promise<{ port: number; close(): Promise<void> }>;
}
