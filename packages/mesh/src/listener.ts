import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import { refuse, refuseUpgrade } from './refusal.js';
import type { Upstream } from './upstream.js';

/** Which upstream serves a request, or why none does. */
export type Decision =
  | { readonly upstream: Upstream }
  | { readonly upstream: undefined; readonly status: number; readonly text: string };

/** Decides which upstream serves a request or a WebSocket handshake. It may change the request's headers. */
export type Decide = (request: IncomingMessage) => Promise<Decision>;

/** The HTTP server of the gateway or of a service. */
export interface Listener {
  readonly server: Server;
  /** Stops listening and closes all connections, including WebSocket connections. */
  close(): Promise<void>;
}

/** Creates a server that sends each request and each handshake to the upstream that `decide` returns. */
export function createListener(decide: Decide): Listener {
  const sockets = new Set<Socket>();
  // A request body may stream for any time. The workload's Keep-Alive header decides how long a client keeps an idle connection.
  const server = createServer({ requestTimeout: 0, keepAliveTimeout: 60_000 });

  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });

  const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const decision = await decide(request).catch(explainBug);
    // The client may have closed the connection while a workload was starting.
    if (request.socket.destroyed) return;
    if (decision.upstream) decision.upstream.web(request, response);
    else refuse(response, decision.status, decision.text);
  };
  server.on('request', (request, response) => void serve(request, response));

  const upgrade = async (request: IncomingMessage, socket: Socket, head: Buffer): Promise<void> => {
    // node:http has removed its error listener from the socket. Without this one, an error would end the process.
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

/** Turns an exception into a 500: neither a request nor an `onServe` callback that throws may end the mesh. */
function explainBug(error: unknown): Decision {
  return {
    upstream: undefined,
    status: 500,
    text: `The mesh could not route this request: ${String(error)}`,
  };
}
