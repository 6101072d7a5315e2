import { isBaselineKey, laneKey } from './lane-key.js';
import { context } from '@opentelemetry/api';
import { attachedHeaders, type LaneContext, type Lanes } from '@laneway/core';
import { guardAgent } from './guard-agent.js';
import type { ClientManager, ClientOptions } from './client-socket.js';
import { LaneConnection } from './lane-connection.js';
import type { ApplicationSocket } from './application-socket.js';
import type { LaneSocketIoOptions } from './options.js';

type ManagerClass = new (url: string, options: ClientOptions) => ClientManager;

/** A server, and how to connect to it. */
export interface LaneServer {
  /** The URL of the handshake. */
  readonly destination: string;
  /** A manager that is never connected. It has the application's options. */
  readonly template: ClientManager;
  /** The application's option: whether its sockets connect at once. */
  readonly autoConnect: boolean;
  readonly lanes: Lanes;
  readonly settings: Required<LaneSocketIoOptions>;
}

/** The connections to one server, one for each lane, shared by the namespaces in use. */
export class LanePool {
  readonly sockets: Set<ApplicationSocket> = new Set();
  readonly #connections = new Map<string, LaneConnection>();
  readonly #waiting = new Set<LaneConnection>();
  readonly #keys = new WeakMap<LaneContext, string>();
  readonly #template: ClientManager;
  #order = 0;
  #isAdmitting = false;

  constructor(readonly server: LaneServer) {
    this.#template = server.template;
  }

  nextOrder(): number {
    return ++this.#order;
  }

  /** Creates a manager that is not connected. */
  createManager(): ClientManager {
    const Manager = this.#template.constructor as ManagerClass;
    return new Manager(this.server.destination, { ...this.#template.opts, autoConnect: false });
  }

  /** Returns the options of the next handshake. The application may have changed its own since the last one. */
  handshake(lane: LaneContext | undefined): ClientOptions {
    const { lanes, destination } = this.server;
    const { extraHeaders, agent } = this.#template.opts;
    if (lane === undefined) return { extraHeaders };
    const withLane = lanes.attach(extraHeaders, { to: destination, lane });
    const attached = attachedHeaders(extraHeaders, withLane);
    return { extraHeaders: withLane, agent: guardAgent(agent, destination, attached) };
  }

  /** Returns the connection of the caller's lane, if there is one. */
  find(): LaneConnection | undefined {
    return this.#connections.get(this.#key(this.server.lanes.current()));
  }

  /** Returns the connection of the caller's lane. A new one is not open yet. */
  connection(): LaneConnection {
    const lane = this.server.lanes.current();
    const key = this.#key(lane);
    const known = this.#connections.get(key);
    if (known !== undefined) return known;
    const connection = new LaneConnection(key, this, isBaselineKey(key) ? undefined : lane);
    this.#connections.set(key, connection);
    return connection;
  }

  all(): readonly LaneConnection[] {
    return [...this.#connections.values()];
  }

  /** Opens a connection, now or when the limit allows it. */
  admit(connection: LaneConnection): void {
    if (connection.isOpen || this.#makeRoom(connection)) connection.open();
    else this.#waiting.add(connection);
  }

  /** Opens connections that wait, if others have become idle. */
  admitWaiting(): void {
    if (this.#waiting.size === 0 || this.#isAdmitting) return;
    this.#isAdmitting = true;
    // Later, because socket.io may still be about to send what the connection has buffered.
    queueMicrotask(() => {
      this.#isAdmitting = false;
      for (const connection of this.#waiting) {
        // What it emitted may have timed out.
        if (connection.isBusy && !this.#makeRoom(connection)) return;
        this.#waiting.delete(connection);
        if (connection.isBusy) connection.open();
        else this.#connections.delete(connection.key);
      }
    });
  }

  /** Closes a connection. What it has not sent stays, as in a socket of socket.io. */
  remove(connection: LaneConnection): void {
    this.#waiting.delete(connection);
    // First, because listeners of `disconnect` may emit, which opens a new connection.
    if (!connection.isBusy) this.#connections.delete(connection.key);
    connection.close();
    this.admitWaiting();
  }

  /** Calls the application's listeners of a manager's event in the lane of the connection. */
  dispatchManagerEvent(connection: LaneConnection, event: string, args: unknown[]): void {
    for (const { original } of this.sockets) {
      const listeners = [...original.io.listeners(event)];
      if (listeners.length > 0)
        context.with(connection.context, () => {
          for (const listener of listeners) Reflect.apply(listener, original.io, args);
        });
    }
  }

  /** Whether a connection may be open. Closes the least recently used idle one if it must. */
  #makeRoom(connection: LaneConnection): boolean {
    if (connection.isBaseline) return true;
    let open = 0;
    let idle: LaneConnection | undefined;
    for (const other of this.#connections.values()) {
      if (other.isBaseline || !other.isOpen) continue;
      open++;
      if ((idle === undefined || other.order < idle.order) && !other.isBusy) idle = other;
    }
    if (open < this.server.settings.maxConnections) return true;
    if (idle === undefined) return false;
    this.#connections.delete(idle.key);
    idle.close();
    // Listeners of `disconnect` may have opened another connection.
    return this.#makeRoom(connection);
  }

  #key(lane: LaneContext): string {
    let key = this.#keys.get(lane);
    if (key === undefined)
      this.#keys.set(lane, (key = laneKey(this.server.lanes, lane, this.server.destination)));
    return key;
  }
}
