import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { defineLanes } from '@laneway/core';
import { socketIoLane } from '@laneway/socket.io';
import { close, listen } from '@laneway/testing';
import { wsLane } from '@laneway/ws';
import { Server } from 'socket.io';
import { WebSocketServer } from 'ws';

/** What a handler sees: the lane in which it runs, and the transport of its connection. */
export interface Seen {
  readonly lane: string | null;
  readonly transport: string;
}

/** A server with socket.io, with ws at `/ws`, and with a page for the browser at every other path. */
export interface SourceServer {
  readonly port: number;
  close(): Promise<void>;
}

const lanes = defineLanes({
  key: 'version',
  carry: { headers: ['version'] },
  sources: { auth: 'lane', query: 'lane', cookie: 'lane' },
});

/** Starts a server whose policy names every source. */
export async function startSourceServer(): Promise<SourceServer> {
  const script = await readFile(new URL('fixtures/ask.js', import.meta.url));
  const server = createServer((request, response) => {
    const isScript = request.url === '/ask.js';
    response.setHeader('content-type', isScript ? 'text/javascript' : 'text/html');
    response.end(isScript ? script : '<!doctype html><script type="module" src="/ask.js"></script>');
  });
  const see = (transport: string): Seen => ({ lane: lanes.current().name ?? null, transport });

  const io = new Server(server, { cors: { origin: true, credentials: true }, destroyUpgrade: false });
  io.use(socketIoLane(lanes));
  io.on('connection', (socket) => {
    socket.on('ask', (answer: (seen: Seen) => void) => answer(see(socket.conn.transport.name)));
  });

  const wss = wsLane(new WebSocketServer({ noServer: true }), lanes);
  wss.on('connection', (socket) => {
    socket.on('message', () => socket.send(JSON.stringify(see('websocket'))));
  });
  server.on('upgrade', (request, socket, head) => {
    if (!request.url?.startsWith('/ws')) return;
    wss.handleUpgrade(request, socket, head, (client) => wss.emit('connection', client, request));
  });

  const port = await listen(server);
  return {
    port,
    async close() {
      for (const client of wss.clients) client.terminate();
      wss.close();
      await io.close();
      await close(server);
    },
  };
}
