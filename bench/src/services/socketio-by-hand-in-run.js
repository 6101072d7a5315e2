// By hand, with the header in an `AsyncLocalStorage` per event: measures the cost of asynchronous context alone on this Node.
import { AsyncLocalStorage } from 'node:async_hooks';
import { createServer } from 'node:http';
import { Server } from 'socket.io';
import { listenForBench, upstream } from './listen.js';

const server = createServer();
const io = new Server(server);
const storage = new AsyncLocalStorage();

io.on('connection', (socket) => {
  socket.use((_event, next) => {
    const headers = {};
    if (socket.handshake.headers.baggage) headers.baggage = socket.handshake.headers.baggage;
    storage.run(headers, next);
  });
  socket.on('hello', async (_message, acknowledge) => {
    const reply = await fetch(upstream, { headers: storage.getStore() });
    acknowledge(await reply.text());
  });
});

listenForBench(server);
