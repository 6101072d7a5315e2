import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import { refuse, refuseUpgrade } from './refusal.js';
import type { Upstream } from './upstream.js';

/** Where a request goes, or why it goes nowhere. */
export type Decision =
  | { readonly upstream: Upstream }
  | { readonly upstream: undefined; readonly status: number; readonly text: string };

/** Decides where one request or one WebSocket handshake goes. It may change the request's headers. */
export type Decide = (request: IncomingMessage) => Promise<Decision>;

/** The HTTP server of the gateway or of a service. */
export interface Listener {
  readonly server: Server;
  /** Stops listening and ends all connections, WebSocket ones too. */
  close(): Promise<void>;
}

/** Creates a server that sends each request and each handshake where `decide` says. */
export function createListener(decide: Decide): Listener {
  const sockets = new Set<Socket>();
  // No limit on how long a request body may stream. Idle clients go by the Keep-Alive header that the workload sends.
  const server = createServer({ requestTimeout: 0, keepAliveTimeout: 60_000 });

  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });

  const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const decision = await decide(request).catch(explainBug);
    // The client may have left while a workload was starting.
    if (request.socket.destroyed) return;
    if (decision.upstream) decision.upstream.web(request, response);
    else refuse(response, decision.status, decision.text);
  };
  server.on('request', (request, response) => void serve(request, response));

  const upgrade = async (request: IncomingMessage, socket: Socket, head: Buffer): Promise<void> => {
    // node:http has left the socket: from here on an error without a listener would end the process.
    socket.on('error', () => {});
    if (request.headers.upgrade?.toLowerCase() !== 'websocket') {
      const text = `The mesh cannot switch to ${request.headers.upgrade}, only to WebSocket. Send plain HTTP/1.1 (curl: --http1.1).`;
      refuseUpgrade(request, socket, 501, text);
      return;
    }
    const decision = await decide(request).catch(explainBug);
    if (socket.destroyed) return;
    if (decision.upstream) decision.upstream.upgrade(request, socket, head);
    else refuseUpgrade(request, socket, decision.status, decision.text);
  };
  server.on('upgrade', (request, socket, head) => {
    if (socket instanceof Socket) void upgrade(request, socket, head);
  });

  return {
    server,
    async close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

/** One request must not end the mesh, whatever it brings or an `onServe` callback throws. */
function explainBug(error: unknown): Decision {
  return {
    upstream: undefined,
    status: 500,
    text: `The mesh could not route this request: ${String(error)}`,
  };
}
