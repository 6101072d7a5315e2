import type { LaneContext, Lanes } from '@laneway/core';
import { type Context, context, ROOT_CONTEXT } from '@opentelemetry/api';
import type { ApplicationSocket } from './application-socket.js';
import type { ClientManager, ClientOptions, ClientSocket } from './client-socket.js';
import { LaneChannel } from './lane-channel.js';
import type { LaneSocketIoOptions } from './options.js';

/** The events of a manager that the application may listen to. */
const MANAGER_EVENTS = [
  'error',
  'reconnect',
  'reconnect_attempt',
  'reconnect_error',
  'reconnect_failed',
  'ping',
];

/** The pool of a connection. */
interface ConnectionPool {
  readonly server: { readonly lanes: Lanes; readonly settings: Required<LaneSocketIoOptions> };
  nextOrder(): number;
  createManager(): ClientManager;
  handshake(lane: LaneContext | undefined): ClientOptions;
  dispatchManagerEvent(connection: LaneConnection, event: string, args: unknown[]): void;
  /** Notes that a connection may have become idle. */
  admitWaiting(): void;
  remove(connection: LaneConnection): void;
}

/** The connection of one lane to one server: a manager of socket.io, with a socket for each namespace in use. */
export class LaneConnection {
  /** The context of everything that the server sends: the lane, and no request or span of the code that opened the connection. */
  readonly context: Context;
  readonly channels: Map<ApplicationSocket, LaneChannel> = new Map();
  /** Increases with each use in the pool; the lowest is the least recently used. */
  order: number = 0;
  isOpen: boolean = false;
  readonly #pool: ConnectionPool;
  readonly #lane: LaneContext | undefined;
  #manager: ClientManager | undefined;
  #lastUse = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** @param lane `undefined` for the baseline */
  constructor(
    readonly key: string,
    pool: ConnectionPool,
    lane: LaneContext | undefined,
  ) {
    this.#pool = pool;
    this.#lane = lane;
    this.context = context.with(ROOT_CONTEXT, () =>
      lane === undefined ? context.active() : pool.server.lanes.run(lane, () => context.active(), this),
    );
  }

  get lanes(): Lanes {
    return this.#pool.server.lanes;
  }

  get isBaseline(): boolean {
    return this.#lane === undefined;
  }

  get engine(): unknown {
    return this.#manager?.engine;
  }

  get isBusy(): boolean {
    for (const channel of this.channels.values()) if (channel.isBusy) return true;
    return false;
  }

  /** Returns the channel of a socket's namespace. It is connected later, by `open`. */
  channel(socket: ApplicationSocket): LaneChannel {
    const known = this.channels.get(socket);
    if (known !== undefined) return known;
    const channel = new LaneChannel(this, this.#createSocket(socket), socket);
    this.channels.set(socket, channel);
    return channel;
  }

  /** Connects the sockets that are not connected. */
  open(): void {
    this.isOpen = true;
    this.use();
    // Not in the caller's context: the timers and the transport of a connection outlive the request that opens it.
    context.with(ROOT_CONTEXT, () => {
      this.#attachLane();
      for (const channel of this.channels.values()) channel.connect();
    });
    this.#watchIdle();
  }

  /** Closes the connection after everything that was emitted is sent. It is not used again, unless it has something to send. */
  close(): void {
    this.isOpen = false;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const engine = this.#manager?.engine as { close?: () => void } | undefined;
    context.with(ROOT_CONTEXT, () => {
      let connected = 0;
      for (const channel of this.channels.values()) if (channel.end()) connected++;
      // Not `socket.disconnect()`: a server ignores events that it receives together with a packet that disconnects the socket.
      if (connected === 0 || typeof engine?.close !== 'function')
        for (const channel of this.channels.values()) channel.socket.disconnect();
      else {
        this.#manager?.reconnection(false);
        engine.close();
      }
    });
  }

  /** Notes that the connection is in use. */
  use(): void {
    this.order = this.#pool.nextOrder();
    this.#lastUse = performance.now();
  }

  settled(): void {
    this.#pool.admitWaiting();
  }

  #createSocket(socket: ApplicationSocket): ClientSocket {
    return context.with(ROOT_CONTEXT, () => {
      this.#manager ??= this.#createManager();
      return this.#manager.socket(socket.original.nsp, { ...socket.options, auth: this.#auth(socket) });
    });
  }

  #createManager(): ClientManager {
    const manager = this.#pool.createManager();
    for (const event of MANAGER_EVENTS)
      manager.on(event, (...args) => {
        this.#pool.dispatchManagerEvent(this, event, args);
        if (event === 'reconnect_attempt') this.#attachLane();
      });
    return manager;
  }

  #attachLane(): void {
    if (this.#manager !== undefined) Object.assign(this.#manager.opts, this.#pool.handshake(this.#lane));
  }

  /** Reads the application's `auth` at each handshake, because it may be replaced; a function runs in the lane of the connection. */
  #auth(socket: ApplicationSocket): unknown {
    return (send: (data: unknown) => void): void => {
      const { auth } = socket.original;
      if (typeof auth !== 'function') send(auth);
      else context.with(this.context, () => Reflect.apply(auth, socket.original, [send]) as unknown);
    };
  }

  #watchIdle(): void {
    const { idleTimeout } = this.#pool.server.settings;
    if (this.isBaseline || idleTimeout === Infinity || this.#timer !== undefined) return;
    this.#wait(idleTimeout);
  }

  #wait(delay: number): void {
    this.#timer = context.with(ROOT_CONTEXT, () =>
      setTimeout(() => this.#closeIfIdle(), Math.min(delay, 2 ** 31 - 1)),
    );
    this.#timer.unref();
  }

  #closeIfIdle(): void {
    const { idleTimeout } = this.#pool.server.settings;
    const rest = this.#lastUse + idleTimeout - performance.now();
    if (rest > 0) this.#wait(rest);
    else if (this.isBusy) this.#wait(idleTimeout);
    else this.#pool.remove(this);
  }
}
