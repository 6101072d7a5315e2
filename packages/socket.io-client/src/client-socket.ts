/** A listener, an acknowledgement or another function of the application. */
export type Listener = (this: unknown, ...args: unknown[]) => unknown;

/** The part of an emitter of socket.io that this package uses. */
export interface ClientEmitter {
  on(event: string, listener: Listener): unknown;
  listeners(event: string): Listener[];
}

/** The options of `io()` that this package reads. The others are passed on. */
export interface ClientOptions {
  agent?: unknown;
  extraHeaders?: Record<string, string> | undefined;
  autoConnect?: boolean | undefined;
  forceNew?: boolean | undefined;
  multiplex?: boolean | undefined;
  path?: string | undefined;
  retries?: number | undefined;
  auth?: unknown;
}

/** The part of socket.io-client's `Manager` that this package uses. */
export interface ClientManager extends ClientEmitter {
  opts: ClientOptions;
  engine: unknown;
  reconnection(enabled: boolean): unknown;
  socket(namespace: string, options?: ClientOptions): ClientSocket;
}

/** The part of socket.io-client's `Socket` that this package uses: public API, the same in all of 4.x. */
export interface ClientSocket extends ClientEmitter {
  readonly io: ClientManager;
  readonly nsp: string;
  readonly connected: boolean;
  readonly active: boolean;
  readonly id?: string | undefined;
  /** Since 4.6. */
  readonly recovered?: boolean;
  readonly sendBuffer: readonly unknown[];
  readonly volatile: unknown;
  auth?: unknown;
  connect(): unknown;
  disconnect(): unknown;
  emit(event: string, ...args: unknown[]): unknown;
  /** Since 4.6. */
  emitWithAck?(event: string, ...args: unknown[]): Promise<unknown>;
  compress(compress: boolean): unknown;
  /** Since 4.4. */
  timeout?(timeout: number): unknown;
  onAny(listener: Listener): unknown;
  listenersAny(): Listener[];
  /** Since 4.5. */
  onAnyOutgoing?(listener: Listener): unknown;
  listenersAnyOutgoing?(): Listener[];
}

/** `io` of socket.io-client. */
export type OpenSocket = (url: string | undefined, options: ClientOptions) => ClientSocket;
