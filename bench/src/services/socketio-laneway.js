// Laneway: one `io.use`, one wrapped fetch, and no header in the handler.
import { createServer } from 'node:http';
import { defineLanes } from '@laneway/core';
import { laneFetch } from '@laneway/fetch';
import { socketIoLane } from '@laneway/socket.io';
import { Server } from 'socket.io';
import { listenForBench, upstream } from './listen.js';

const server = createServer();
const io = new Server(server);
const lanes = defineLanes({ key: 'version', carry: { baggage: ['*'] } });
const fetchInLane = laneFetch(fetch, lanes);

io.use(socketIoLane(lanes));

io.on('connection', (socket) => {
  socket.on('hello', async (_message, acknowledge) => {
    const reply = await fetchInLane(upstream);
    acknowledge(await reply.text());
  });
});

listenForBench(server);
