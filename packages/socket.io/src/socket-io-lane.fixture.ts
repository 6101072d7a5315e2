import { defineLanes, type LaneContext, type Lanes } from '@laneway/core';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { setImmediate, setTimeout } from 'node:timers/promises';
import { Server, type ServerOptions } from 'socket.io';
import { io as connectClient, type Socket as ClientSocket } from 'socket.io-client';

import { socketIoLane, type SocketIoMiddleware } from './socket-io-lane.js';

export const lanes: Lanes = defineLanes({
  key: 'version',
  carry: { headers: ['version'], baggage: ['*'] },
});

/** Every server of these tests is opened in this lane, so a context that is not replaced shows up under this name. */
export const OPENER: LaneContext = lanes.capture({ version: 'opener' });

/** The lane of code that belongs to no socket: it broadcasts, asks for acknowledgements, disconnects sockets. */
export const CALLER: LaneContext = lanes.capture({ version: 'caller' });

// The types are those of the highest version: TypeScript does not find those of 4.0 from an ES module.
const lowest = createRequire(import.meta.url)('socket.io-lowest') as { Server: typeof Server };

/** The newest socket.io, and the oldest that is supported. */
export const SERVERS: Readonly<Record<'highest' | 'lowest', typeof Server>> = {
  highest: Server,
  lowest: lowest.Server,
};

/** The transports of a client. */
export const TRANSPORTS: Readonly<
  Record<'websocket only' | 'polling only' | 'polling that upgrades', string[]>
> = {
  'websocket only': ['websocket'],
  'polling only': ['polling'],
  'polling that upgrades': ['polling', 'websocket'],
};

export interface SceneOptions {
  /** A supported version, or a server class. */
  readonly server: keyof typeof SERVERS | typeof Server;
  readonly transport: keyof typeof TRANSPORTS;
  readonly options?: Partial<ServerOptions>;
}

/** A server on a free port, clients that connect to it in a lane, and a note of the lane that was seen. */
export interface Scene {
  readonly io: Server;
  /** The middleware of the main namespace, for further namespaces. */
  readonly middleware: SocketIoMiddleware;
  /** Connects a client; without a version it has no lane. */
  readonly connect: (version?: string, path?: string) => Promise<ClientSocket>;
  /** Notes the lane of the code that calls it, now and after several kinds of `await`. */
  readonly note: () => void;
  /** Returns the first note. */
  readonly noted: () => Promise<string>;
  readonly close: () => Promise<void>;
}

/** Opens a scene whose main namespace has the middleware. */
export async function openScene({ server, transport, options }: SceneOptions): Promise<Scene> {
  const http = createServer();
  const io = lanes.run(OPENER, () => {
    http.listen(0, '127.0.0.1');
    return new (typeof server === 'string' ? SERVERS[server] : server)(http, options);
  });
  const middleware = socketIoLane(lanes);
  io.use(middleware);
  await new Promise(
    (resolve) => void (http.listening ? resolve(undefined) : http.once('listening', resolve)),
  );
  const { port } = http.address() as AddressInfo;
  const clients: ClientSocket[] = [];

  const connect = async (version?: string, path = '/'): Promise<ClientSocket> => {
    const client = connectClient(`http://127.0.0.1:${port}${path}`, {
      transports: TRANSPORTS[transport],
      extraHeaders: version === undefined ? {} : { version },
      forceNew: true,
      reconnectionDelay: 5,
    });
    clients.push(client);
    await new Promise((resolve, reject) => {
      client.once('connect', () => resolve(undefined));
      client.once('connect_error', reject);
    });
    await upgraded(client);
    return client;
  };

  let write: (name: string) => void;
  const page = new Promise<string>((resolve) => (write = resolve));

  return {
    io,
    middleware,
    connect,
    note: () => void whereAmI().then((name) => write(name)),
    noted: () => page,
    close: async () => {
      for (const client of clients) client.disconnect();
      await new Promise((resolve) => {
        void io.close(() => resolve(undefined));
        http.closeAllConnections();
      });
    },
  };
}

/** Waits until a client that may upgrade has upgraded. */
export async function upgraded(client: ClientSocket): Promise<void> {
  const { engine } = client.io;
  const wanted = (client.io.opts.transports as string[]).at(-1);
  if (engine.transport.name !== wanted) await new Promise((resolve) => engine.once('upgrade', resolve));
}

/** The lane's name, or all names that were seen if it changed. */
export async function whereAmI(): Promise<string> {
  const name = (): string => lanes.current().name ?? 'baseline';
  const names = new Set([name()]);
  await Promise.resolve();
  names.add(name());
  await Promise.reject(new Error('expected')).catch(() => names.add(name()));
  await setImmediate();
  names.add(name());
  await setTimeout(1);
  names.add(name());
  return [...names].join(', then ');
}
