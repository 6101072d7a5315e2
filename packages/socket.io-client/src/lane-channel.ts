import type { Lanes } from '@laneway/core';
import { type Context, context } from '@opentelemetry/api';
import type { ApplicationSocket } from './application-socket.js';
import type { ClientEmitter, ClientSocket, Listener } from './client-socket.js';
import { type PendingEntry, PendingWork } from './pending-work.js';

/** What `timeout()`, `volatile` and `compress()` set for the next emit. */
export interface EmitFlags {
  timeout?: number;
  volatile?: boolean;
  compress?: boolean;
}

/** The connection of a channel. */
interface ChannelOwner {
  readonly context: Context;
  readonly lanes: Lanes;
  /** Notes that the connection is in use. */
  use(): void;
  /** Notes that the connection may have become idle. */
  settled(): void;
}

/** How long an emit does not connect again after the server refused the socket, in milliseconds. */
const REFUSAL_DELAY = 1000;

/** One namespace on the connection of one lane: a socket of socket.io. It passes what the server sends to the application's socket. */
export class LaneChannel {
  readonly #connection: ChannelOwner;
  readonly #owner: ApplicationSocket;
  readonly #pending: PendingWork;
  readonly #retries: boolean;
  #isEnding = false;
  #refusedAt: number | undefined;

  constructor(
    connection: ChannelOwner,
    readonly socket: ClientSocket,
    owner: ApplicationSocket,
  ) {
    this.#connection = connection;
    this.#owner = owner;
    this.#pending = new PendingWork(() => connection.settled());
    this.#retries = Boolean(owner.options.retries);
    socket.onAny((event, ...args) => this.#receive(String(event), args));
    socket.onAnyOutgoing?.((...args) => this.#run(owner.original.listenersAnyOutgoing?.() ?? [], args));
    socket.on('connect', () => {
      this.#pending.markSent();
      // What was buffered is sent now, so the idle time starts now.
      connection.use();
      this.#dispatch('connect', []);
      connection.settled();
    });
    socket.on('disconnect', (...args) => {
      this.#pending.endSent();
      this.#dispatch('disconnect', this.#isEnding ? ['io client disconnect'] : args);
    });
    socket.on('connect_error', (...args) => {
      // Only an error that the server sends has `data`. Early versions then say that the socket is active, but don't try again.
      if (!socket.active || Object.hasOwn(args[0] as object, 'data')) this.#refusedAt = performance.now();
      this.#dispatch('connect_error', args);
    });
  }

  /** Whether something is not sent yet, or waits for an acknowledgement or a reply. */
  get isBusy(): boolean {
    return this.#pending.size > 0 || this.socket.sendBuffer.length > 0;
  }

  /** Whether an emit connects: the socket is not connected, and the server did not refuse it a moment ago. */
  get needsConnection(): boolean {
    if (this.#refusedAt === undefined) return !this.socket.active;
    return performance.now() - this.#refusedAt > REFUSAL_DELAY;
  }

  connect(): void {
    if (this.socket.active && this.#refusedAt === undefined) return;
    this.#refusedAt = undefined;
    this.socket.connect();
  }

  /** Notes that the client closes the connection. Returns whether the socket is connected. */
  end(): boolean {
    this.#isEnding = this.socket.connected;
    return this.socket.connected;
  }

  emit(flags: EmitFlags, event: string, args: unknown[]): void {
    this.#setFlags(flags);
    // socket.io discards a volatile event if it cannot send it, and then never calls its acknowledgement.
    if (flags.volatile === true) return void this.socket.emit(event, ...this.#bindAck(args));
    const last = args.at(-1);
    // With `retries` socket.io asks for an acknowledgement anyway, and keeps the packet until then.
    if (typeof last !== 'function' && !this.#retries) return void this.socket.emit(event, ...args);
    const entry = this.#awaitAck();
    const settle = (): void => this.#settle(entry);
    try {
      this.socket.emit(
        event,
        ...(typeof last === 'function' ? this.#bindAck(args, settle) : [...args, settle]),
      );
    } catch (error) {
      settle();
      throw error;
    }
  }

  async emitWithAck(flags: EmitFlags, event: string, args: unknown[]): Promise<unknown> {
    this.#setFlags(flags);
    const entry = this.#awaitAck();
    try {
      return await this.socket.emitWithAck?.(event, ...args);
    } finally {
      this.#settle(entry);
    }
  }

  /** Makes the acknowledgement of an emit continue the code that emits. */
  #bindAck(args: unknown[], settle?: () => void): unknown[] {
    const ack = args.at(-1);
    if (typeof ack !== 'function') return args;
    const bound = this.#connection.lanes.bind((...answer: unknown[]) => {
      settle?.();
      return Reflect.apply(ack, this.#owner.original, answer) as unknown;
    });
    // socket.io marks acknowledgements that take an error.
    return [...args.slice(0, -1), Object.assign(bound, ack)];
  }

  #setFlags({ timeout, volatile, compress }: EmitFlags): void {
    if (timeout !== undefined) this.socket.timeout?.(timeout);
    if (compress !== undefined) this.socket.compress(compress);
    if (volatile === true) void this.socket.volatile;
  }

  #awaitAck(): PendingEntry {
    // What is emitted while there is no connection is sent after the next `connect`.
    return this.#pending.add({ isSent: this.socket.connected, isRetried: this.#retries });
  }

  #settle(entry: PendingEntry): void {
    this.#connection.use();
    this.#pending.settle(entry);
  }

  #receive(event: string, args: unknown[]): void {
    this.#connection.use();
    const { original } = this.#owner;
    const reply = args.at(-1);
    const isHeard = original.listeners(event).length > 0 || original.listenersAny().length > 0;
    if (typeof reply === 'function' && isHeard) {
      const entry = this.#pending.add({ isSent: true, isRetried: false });
      const answer = (...data: unknown[]): unknown => {
        this.#settle(entry);
        return Reflect.apply(reply, undefined, data) as unknown;
      };
      args = [...args.slice(0, -1), answer];
    }
    this.#run(original.listenersAny(), [event, ...args]);
    this.#dispatch(event, args);
  }

  #dispatch(event: string, args: unknown[]): void {
    this.#run((this.#owner.original as ClientEmitter).listeners(event), args);
  }

  #run(listeners: readonly Listener[], args: unknown[]): void {
    if (listeners.length === 0) return;
    context.with(this.#connection.context, () => {
      for (const listener of listeners.slice()) Reflect.apply(listener, this.#owner.original, args);
    });
  }
}
