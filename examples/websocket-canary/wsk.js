// A socket.io service with one deployment for all lanes. It answers each client with the answer of helloworld.
import { createServer } from 'node:http';
import { hostname } from 'node:os';
import nodeFetch from 'node-fetch';
import { Server } from 'socket.io';
import { laneFetch } from '@laneway/fetch';
import { socketIoLane } from '@laneway/socket.io';
import { lanes } from './lanes.js';

const { PORT, HELLOWORLD_URL, WSK_FETCH = 'node-fetch', WSK_OKOK_MS = '30000' } = process.env;

const fetch = laneFetch(WSK_FETCH === 'node-fetch' ? nodeFetch : globalThis.fetch, lanes);

async function callHelloworld() {
  try {
    const response = await fetch(`${HELLOWORLD_URL}/hello`);
    if (!response.ok) throw new Error(`helloworld answered ${response.status}`);
    return await response.text();
  } catch (error) {
    console.error('Error fetching the data:', error);
    return 'error';
  }
}

const server = createServer();
const io = new Server(server);
io.use(socketIoLane(lanes));

io.on('connection', (client) => {
  client.on('test000', async () => {
    const answer = await callHelloworld();
    client.emit('hello', answer, () => {});
  });
});

// No request starts this broadcast, so it runs at the baseline.
async function emitOk() {
  const answer = await callHelloworld();
  io.emit('okok', `I am the host: ${hostname()}. I am healthy. Hello message: ${answer}`);
}
setInterval(() => void emitOk(), Number(WSK_OKOK_MS));

server.listen(Number(PORT), '127.0.0.1', () =>
  console.log(`running as ${process.pid}, calls helloworld with ${WSK_FETCH}`),
);
