import type { CapturedRequest } from '@laneway/node-http';

/**
 * The part of a socket.io `Socket` that this package reads.
 *
 * A shape instead of the class, so that every typed `Server` and every copy of socket.io fits.
 */
export interface HandshakeSocket {
  /** The request of the handshake. Missing for a connection that starts on WebTransport. */
  readonly request?: CapturedRequest | null | undefined;
  /** What socket.io keeps of the handshake: copies of the request's URL and query, and what the client sent as `auth`. */
  readonly handshake?: { readonly auth?: unknown; readonly query?: unknown; url?: string };
  readonly nsp: object;
  readonly conn: object;
}
