import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import { close, inboundContract, listen } from '@laneway/testing';
import { wsLane } from './index.js';
import { VERSIONS } from './ws-lane.fixture.js';

interface Answer {
  readonly ok: boolean;
  readonly body: string;
}

for (const [version, { Client, Server }] of Object.entries(VERSIONS)) {
  for (const perMessageDeflate of [false, { threshold: 0 }]) {
    inboundContract({
      name: `ws, ${version} version, ${perMessageDeflate ? 'with' : 'without'} permessage-deflate`,
      async start(lanes, handle) {
        const http = createServer();
        const wss = wsLane(new Server({ server: http, perMessageDeflate }), lanes);
        wss.on('connection', (socket, { headers, url }: IncomingMessage) => {
          socket.on('message', (body: Buffer) => {
            void run(() => handle(body.toString(), headers, url)).then((answer) =>
              socket.send(JSON.stringify(answer)),
            );
          });
        });
        const port = await listen(http);
        return {
          async send(headers, body = '', query = '') {
            // The type says strings; node:http also accepts lists.
            const client = new Client(`ws://127.0.0.1:${port}/?${query}`, {
              headers: headers as Record<string, string>,
            });
            await once(client, 'open');
            client.send(body);
            const [data] = (await once(client, 'message')) as [Buffer];
            client.close();
            return JSON.parse(data.toString()) as Answer;
          },
          async close() {
            for (const socket of wss.clients) socket.terminate();
            wss.close();
            await close(http);
          },
        };
      },
    });
  }
}

async function run(handle: () => string | Promise<string>): Promise<Answer> {
  try {
    return { ok: true, body: await handle() };
  } catch {
    return { ok: false, body: 'failed' };
  }
}
