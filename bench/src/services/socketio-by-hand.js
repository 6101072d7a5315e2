// By hand: the event handler reads the handshake's header and passes it to every call.
import { createServer } from 'node:http';
import { Server } from 'socket.io';
import { listenForBench, upstream } from './listen.js';

const server = createServer();
const io = new Server(server);

io.on('connection', (socket) => {
  socket.on('hello', async (_message, acknowledge) => {
    const headers = {};
    if (socket.handshake.headers.baggage) headers.baggage = socket.handshake.headers.baggage;
    const reply = await fetch(upstream, { headers });
    acknowledge(await reply.text());
  });
});

listenForBench(server);
