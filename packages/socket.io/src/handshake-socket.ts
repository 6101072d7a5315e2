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
  /** What the application keeps with the socket. Missing in 2.x. */
  readonly data?: unknown;
  /** Whether socket.io restored an earlier session. Missing before 4.6. */
  readonly recovered?: boolean;
  readonly join?: (room: string) => unknown;
  readonly leave?: (room: string) => unknown;
}
