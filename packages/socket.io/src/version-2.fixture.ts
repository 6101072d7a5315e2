import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { Server } from 'socket.io';
import { lanes, OPENER } from './socket-io-lane.fixture.js';

// socket.io 2.5 and its client have no types. These are the parts that the tests use.

type Listener = (...args: never[]) => unknown;
type Next = (error?: unknown) => void;

/** A socket of a server or of a client. */
export interface Socket2 {
  readonly conn: { on(event: string, listener: Listener): unknown };
  on(event: string, listener: Listener): this;
  once(event: string, listener: Listener): this;
  emit(event: string, ...args: unknown[]): this;
  use(middleware: (event: unknown, next: Next) => unknown): this;
  disconnect(close?: boolean): this;
}

export interface Client2 extends Socket2 {
  readonly io: {
    readonly engine: { readonly transport: { readonly name: string }; once: Socket2['once']; close(): void };
  };
}

/** A server or a namespace. */
export interface Namespace2 {
  use(middleware: (socket: never, next: Next) => unknown): this;
  on(event: string, listener: (socket: Socket2) => unknown): this;
  of(name: string | RegExp): Namespace2;
  to(room: string): Namespace2;
  emit(event: string, ...args: unknown[]): unknown;
  close(done?: () => void): void;
}

export interface Scene2 {
  readonly io: Namespace2;
  readonly connect: (version?: string, path?: string) => Promise<Client2>;
  readonly close: () => Promise<void>;
}

const require = createRequire(import.meta.url);
const socketio = require('socket.io-2') as (server: unknown, options?: object) => Namespace2;
const connectClient = require('socket.io-client-2') as (url: string, options: object) => Client2;

/** Servers that clients of 2.x can talk to. */
export const SERVERS_2: Readonly<Record<string, (http: unknown) => Namespace2>> = {
  'socket.io 2.5': (http) => socketio(http),
  'the newest with allowEIO3': (http) =>
    new Server(http as never, { allowEIO3: true }) as unknown as Namespace2,
};

/** Opens a server in another lane than its clients. */
export async function openScene2(
  create: (http: unknown) => Namespace2,
  transports: string[],
): Promise<Scene2> {
  const http = createServer();
  const io = lanes.run(OPENER, () => create(http));
  await lanes.run(
    OPENER,
    async () => new Promise((done) => http.listen(0, '127.0.0.1', () => done(undefined))),
  );
  const { port } = http.address() as AddressInfo;
  const clients: Client2[] = [];
  return {
    io,
    async connect(version, path = '') {
      const extraHeaders = version === undefined ? {} : { version };
      const client = connectClient(`http://127.0.0.1:${port}${path}`, {
        transports,
        forceNew: true,
        // Otherwise the client uses the global WebSocket of Node 22 and later, which sends no headers.
        forceNode: true,
        reconnection: false,
        // The client's `extraHeaders` are not sent over polling in Node.js.
        transportOptions: { polling: { extraHeaders }, websocket: { extraHeaders } },
      });
      clients.push(client);
      client.on('ask', (answer: (text: string) => void) => answer('here'));
      await new Promise((resolve, reject) => {
        client.once('connect', () => resolve(undefined));
        for (const failure of ['connect_error', 'error']) client.once(failure, reject);
      });
      const { engine } = client.io;
      if (engine.transport.name !== transports.at(-1))
        await new Promise((resolve) => engine.once('upgrade', () => resolve(undefined)));
      return client;
    },
    async close() {
      for (const client of clients) client.disconnect();
      http.closeAllConnections();
      await new Promise((resolve) => io.close(() => resolve(undefined)));
    },
  };
}
