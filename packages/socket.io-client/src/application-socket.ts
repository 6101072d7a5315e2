import type { ClientOptions, ClientSocket } from './client-socket.js';

/** The socket that the application has. It stands for the connections of all lanes. */
export interface ApplicationSocket {
  /** A socket of socket.io that is never connected. It keeps the application's listeners. */
  readonly original: ClientSocket;
  /** The application's options. */
  readonly options: ClientOptions;
  disconnect(): void;
}
