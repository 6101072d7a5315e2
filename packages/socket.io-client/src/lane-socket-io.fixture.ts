import { EventEmitter, once } from 'node:events';
import { Agent, createServer } from 'node:http';
import { createRequire } from 'node:module';
import { type AddressInfo } from 'node:net';
import { BASELINE, defineLanes, type Lanes } from '@laneway/core';
import { socketIoLane } from '@laneway/socket.io';
import { close, listen, loopbackLookup } from '@laneway/testing';
import { Server, type ServerOptions, type Socket as ServerSocket } from 'socket.io';
import { io, type Socket } from 'socket.io-client';
import type { LaneSocketIoOptions } from './options.js';
import { laneSocketIo } from './lane-socket-io.js';

/** The lanes of the tests. */
export const lanes: Lanes = defineLanes({ key: 'version', carry: { headers: ['version'], baggage: ['*'] } });

/** Runs a function in a lane, or at the baseline. */
export function inLane<T>(name: string, fn: () => T): T {
  return name === 'baseline' ? lanes.baseline(fn) : lanes.run(BASELINE.set('version', name), fn);
}

/** Returns the name of the current lane. */
export function laneName(): string {
  return lanes.current().name ?? 'baseline';
}

const lowest = createRequire(import.meta.url)('socket.io-client-lowest') as { io: typeof io };

/** The newest socket.io-client, and the oldest that is supported. */
export const CLIENTS: Readonly<Record<'highest' | 'lowest', typeof io>> = { highest: io, lowest: lowest.io };

/** The transports of a client. */
export const TRANSPORTS: Readonly<
  Record<'websocket only' | 'polling only' | 'polling that upgrades', ('websocket' | 'polling')[]>
> = {
  'websocket only': ['websocket'],
  'polling only': ['polling'],
  'polling that upgrades': ['polling', 'websocket'],
};

type IoOptions = NonNullable<Parameters<typeof io>[1]>;

export interface SceneOptions {
  readonly client?: keyof typeof CLIENTS;
  readonly transport?: keyof typeof TRANSPORTS;
  readonly server?: Partial<ServerOptions>;
  readonly settings?: LaneSocketIoOptions;
}

/** A server whose sockets are in the lane of their handshake, and clients of it. */
export interface Scene {
  readonly server: Server;
  readonly port: number;
  readonly url: string;
  /** Opens a wrapped socket. */
  readonly open: (options?: IoOptions, path?: string) => Socket;
  /** The wrapped `io` of {@link open}. */
  readonly io: typeof io;
  /** Adds a listener to the sockets of the main namespace. */
  readonly onSocket: (listen: (socket: ServerSocket) => void) => void;
  /** The lanes of the handshakes that the server received, in order. */
  readonly handshakes: string[];
  /** Waits until the server has sockets of exactly these lanes. */
  readonly untilOpen: (...expected: string[]) => Promise<void>;
  readonly close: () => Promise<void>;
}

/** Opens a scene. Names other than addresses are external hosts; all of them are on loopback. */
export async function openScene({
  client = 'highest',
  transport = 'websocket only',
  server: options = {},
  settings,
}: SceneOptions = {}): Promise<Scene> {
  const http = createServer();
  const server = new Server(http, options);
  const handshakes: string[] = [];
  const changes = new EventEmitter();
  const version = ({ handshake }: ServerSocket): string => String(handshake.headers.version ?? 'baseline');
  server.use(socketIoLane(lanes));
  server.on('connection', (socket) => {
    changes.emit('change');
    socket.on('disconnect', () => setImmediate(() => changes.emit('change')));
    handshakes.push(version(socket));
    socket.on('where', (answer: (name: string) => void) => answer(laneName()));
  });
  await listen(http);
  const { port } = http.address() as AddressInfo;
  const url = `http://127.0.0.1:${port}`;
  const wrapped = laneSocketIo(CLIENTS[client], lanes, settings);
  const sockets: Socket[] = [];
  return {
    server,
    port,
    url,
    io: wrapped,
    handshakes,
    open: (extra = {}, path = '') => {
      const socket = wrapped(`${url}${path}`, {
        transports: TRANSPORTS[transport],
        reconnectionDelay: 5,
        reconnectionDelayMax: 20,
        ...extra,
      });
      sockets.push(socket);
      return socket;
    },
    onSocket: (listener) => void server.on('connection', listener),
    untilOpen: async (...expected) => {
      const open = (): string[] => [...server.sockets.sockets.values()].map(version).toSorted();
      while (open().join() !== expected.join()) await once(changes, 'change');
    },
    close: async () => {
      for (const socket of sockets) socket.disconnect();
      await server.close();
      await close(http);
    },
  };
}

/** Asks over a socket with a callback, which every version has. */
export function ask<T = string>(socket: Socket, event: string, ...args: unknown[]): Promise<T> {
  return new Promise((resolve) => void socket.emit(event, ...args, resolve));
}

/** Waits for an event of a socket. */
export function next<T = unknown>(socket: Pick<Socket, 'once'>, event: string): Promise<T> {
  return new Promise((resolve) => void socket.once(event, resolve));
}

/** Returns an agent for which every name is on loopback, so that a test can call external hosts. */
export function onLoopback(): string {
  return new Agent({ lookup: loopbackLookup }) as unknown as string;
}
