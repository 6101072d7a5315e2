import { close, inboundContract, listen } from '@laneway/testing';
import { createServer } from 'node:http';
import { io as connectClient } from 'socket.io-client';
import { SERVERS, TRANSPORTS, upgraded } from './socket-io-lane.fixture.js';
import { socketIoLane } from './socket-io-lane.js';

type Answer = (answer: { ok: boolean; body: string }) => void;

for (const [version, Server] of Object.entries(SERVERS)) {
  for (const [transport, transports] of Object.entries(TRANSPORTS)) {
    inboundContract({
      name: `socket.io, ${version} version, ${transport}`,
      async start(lanes, handle) {
        const http = createServer();
        const io = new Server(http);
        io.use(socketIoLane(lanes));
        io.on('connection', (socket) => {
          socket.on('request', async (body: string, answer: Answer) => {
            try {
              answer({
                ok: true,
                body: await handle(body, socket.handshake.headers, JSON.stringify(socket.handshake)),
              });
            } catch {
              answer({ ok: false, body: 'failed' });
            }
          });
        });
        const port = await listen(http);
        return {
          async send(headers, body = '', query = '') {
            const client = connectClient(`http://127.0.0.1:${port}`, {
              transports,
              query: Object.fromEntries(new URLSearchParams(query)),
              // The type says strings; node:http also accepts lists.
              extraHeaders: headers as Record<string, string>,
              forceNew: true,
              reconnection: false,
            });
            await new Promise<void>((resolve, reject) => {
              client.once('connect', resolve);
              client.once('connect_error', reject);
            });
            await upgraded(client);
            const answer = (await client.emitWithAck('request', body)) as { ok: boolean; body: string };
            client.disconnect();
            return answer;
          },
          async close() {
            void io.close();
            await close(http);
          },
        };
      },
    });
  }
}
