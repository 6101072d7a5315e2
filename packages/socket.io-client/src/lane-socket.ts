import type { ApplicationSocket } from './application-socket.js';
import type { ClientManager, ClientOptions, ClientSocket } from './client-socket.js';
import type { EmitFlags, LaneChannel } from './lane-channel.js';
import type { LanePool } from './lane-pool.js';

/**
 * Makes a socket of socket.io that is never connected the application's socket for all lanes.
 *
 * It keeps the application's listeners. Each emit goes over the connection of the caller's lane.
 */
export class LaneSocket implements ApplicationSocket {
  readonly #pool: LanePool;
  #flags: EmitFlags = {};
  /** Whether connections are opened on demand: `false` before `connect()` if `autoConnect` is off, and after `disconnect()`. */
  #isConnecting = false;

  constructor(
    readonly original: ClientSocket,
    readonly options: ClientOptions,
    pool: LanePool,
  ) {
    this.#pool = pool;
    pool.sockets.add(this);
    defineMembers(original, this.#members());
    defineManagerMembers(original.io, this, pool);
  }

  connect(): void {
    this.#isConnecting = true;
    this.#pool.connection().channel(this);
    for (const connection of this.#pool.all())
      if (connection.channels.get(this)?.isBusy === true || connection === this.#pool.find())
        this.#pool.admit(connection);
  }

  disconnect(): void {
    this.#isConnecting = false;
    for (const connection of this.#pool.all()) {
      const channel = connection.channels.get(this);
      if (channel === undefined) continue;
      channel.socket.disconnect();
      if ([...connection.channels.values()].every(({ socket }) => !socket.active))
        this.#pool.remove(connection);
    }
  }

  #emit(event: string, args: unknown[]): void {
    this.#use((channel, flags) => channel.emit(flags, event, args));
  }

  #emitWithAck(event: string, args: unknown[]): Promise<unknown> {
    return this.#use((channel, flags) => channel.emitWithAck(flags, event, args));
  }

  /** Emits first and connects then, so that socket.io's send buffer decides what is sent at once and what later. */
  #use<T>(emit: (channel: LaneChannel, flags: EmitFlags) => T): T {
    const flags = this.#flags;
    this.#flags = {};
    const connection = this.#pool.connection();
    const channel = connection.channel(this);
    connection.use();
    try {
      return emit(channel, flags);
    } finally {
      if (this.#isConnecting && channel.needsConnection) this.#pool.admit(connection);
    }
  }

  #members(): PropertyDescriptorMap {
    const { original } = this;
    const channel = (): ClientSocket | undefined => this.#pool.find()?.channels.get(this)?.socket;
    const chain = (set: () => void): ClientSocket => {
      set();
      return original;
    };
    const connect = (): ClientSocket => chain(() => this.connect());
    const disconnect = (): ClientSocket => chain(() => this.disconnect());
    return {
      connect: { value: connect },
      open: { value: connect },
      disconnect: { value: disconnect },
      close: { value: disconnect },
      emit: { value: (event: string, ...args: unknown[]) => chain(() => this.#emit(event, args)) },
      // Versions before 4.6 have no `emitWithAck`, those before 4.4 no `timeout`.
      ...(original.emitWithAck && {
        emitWithAck: { value: (event: string, ...args: unknown[]) => this.#emitWithAck(event, args) },
      }),
      ...(original.timeout && {
        timeout: { value: (timeout: number) => chain(() => (this.#flags.timeout = timeout)) },
      }),
      compress: { value: (compress: boolean) => chain(() => (this.#flags.compress = compress)) },
      volatile: { get: () => chain(() => (this.#flags.volatile = true)) },
      connected: { get: () => channel()?.connected ?? false },
      disconnected: { get: () => !(channel()?.connected ?? false) },
      active: { get: () => channel()?.active ?? false },
      id: { get: () => channel()?.id },
      recovered: { get: () => channel()?.recovered ?? false },
    };
  }
}

/** Makes the manager of a socket that is never connected stand for the connections of all lanes. */
function defineManagerMembers(manager: ClientManager, socket: LaneSocket, pool: LanePool): void {
  const { socket: createSocket } = manager;
  if (Object.hasOwn(manager, 'socket')) return;
  defineMembers(manager, {
    engine: { get: () => pool.find()?.engine },
    connect: { value: () => (socket.connect(), manager) },
    open: { value: () => (socket.connect(), manager) },
    disconnect: { value: () => pool.sockets.forEach((each) => each.disconnect()) },
    socket: {
      value: (namespace: string, options?: ClientOptions) => {
        const known = [...pool.sockets].find(
          ({ original }) => original.io === manager && original.nsp === namespace,
        );
        if (known !== undefined) return known.original;
        const added = new LaneSocket(
          Reflect.apply(createSocket, manager, [namespace, options]),
          options ?? {},
          pool,
        );
        if (pool.server.autoConnect) added.connect();
        return added.original;
      },
    },
  });
}

function defineMembers(target: object, members: PropertyDescriptorMap): void {
  for (const [name, member] of Object.entries(members))
    Object.defineProperty(target, name, { ...member, configurable: true, enumerable: false });
}
