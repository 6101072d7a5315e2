import { once } from 'node:events';
import { createRequire } from 'node:module';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { BASELINE, type LaneContext, type Lanes } from '@laneway/core';
import { nodeHttpLane } from '@laneway/node-http';
import { close, contractLanes, laneHeaders, listen } from '@laneway/testing';
import { type ServerOptions, WebSocket, WebSocketServer } from 'ws';
import { wsLane } from './index.js';

const lowest = createRequire(import.meta.url)('ws-lowest') as typeof WebSocket & {
  Server: typeof WebSocketServer;
};

/** The newest ws, and the oldest that is supported. The oldest has no names of its own for its classes. */
export const VERSIONS: Readonly<
  Record<'highest' | 'lowest', { Client: typeof WebSocket; Server: typeof WebSocketServer }>
> = {
  highest: { Client: WebSocket, Server: WebSocketServer },
  lowest: { Client: lowest, Server: lowest.Server },
};

export type Version = keyof typeof VERSIONS;

/** How a `WebSocketServer` gets its handshakes. */
export const MODES = ['server', 'port', 'noServer', 'server behind nodeHttpLane'] as const;

export const lanes: Lanes = contractLanes();
/** The lane in which the server is started. No socket may run in it. */
export const OPENER: LaneContext = BASELINE.set('version', 'opener');
export const name = (): string => lanes.current().name ?? 'baseline';
export const inLane = <T>(version: string, fn: () => T): T => lanes.run(BASELINE.set('version', version), fn);

export interface SceneOptions {
  readonly version?: Version;
  readonly mode?: (typeof MODES)[number];
  readonly options?: ServerOptions;
  readonly used?: Lanes;
}

/** A server on a free port whose sockets keep the lane of their handshake, and clients of it. */
export interface Scene {
  readonly wss: WebSocketServer;
  readonly port: number;
  /** Returns a client whose handshake has a lane, or none. */
  readonly open: (lane?: string, protocols?: string[]) => WebSocket;
  /** Like {@link open}, and waits for the connection. */
  readonly connect: (lane?: string, protocols?: string[]) => Promise<WebSocket>;
  readonly close: () => Promise<void>;
}

/** Opens a scene in the lane {@link OPENER}. */
export function openScene(options: SceneOptions = {}): Promise<Scene> {
  return lanes.run(OPENER, () => openServer(options));
}

async function openServer({
  version = 'highest',
  mode = 'server',
  options,
  used,
}: SceneOptions): Promise<Scene> {
  const { Client, Server: ServerClass } = VERSIONS[version];
  const http = mode === 'port' ? undefined : createServer();
  if (http && mode.endsWith('nodeHttpLane')) nodeHttpLane(http, lanes);
  const place =
    mode === 'port'
      ? { port: 0, host: '127.0.0.1' }
      : mode === 'noServer'
        ? { noServer: true }
        : { server: http };
  const wss = wsLane(new ServerClass({ ...options, ...(place as ServerOptions) }), used ?? lanes);
  if (mode === 'noServer')
    http?.on('upgrade', (request, socket, head) =>
      wss.handleUpgrade(request, socket, head, (ws) => wss.emit('connection', ws, request)),
    );
  if (http) await listen(http);
  else await once(wss, 'listening');
  const { port } = (http ?? wss).address() as AddressInfo;
  const clients: WebSocket[] = [];
  const open = (lane?: string, protocols: string[] = []): WebSocket => {
    const headers = lane === undefined ? {} : laneHeaders(lane);
    const client = new Client(`ws://127.0.0.1:${port}`, protocols, { headers });
    clients.push(client);
    return client;
  };
  return {
    wss,
    port,
    open,
    async connect(lane, protocols) {
      const client = open(lane, protocols);
      await once(client, 'open');
      return client;
    },
    async close() {
      for (const client of clients) client.terminate();
      for (const socket of wss.clients) socket.terminate();
      const closed = new Promise((resolve) => wss.close(resolve));
      await Promise.all([closed, http && close(http)]);
    },
  };
}
