// Propagates nothing: for libraries that patch Node and are loaded with `--import`.
import http from 'node:http';
import { Server } from 'socket.io';
import { listenForBench, upstream } from './listen.js';

const server = http.createServer();
const io = new Server(server);

io.on('connection', (socket) => {
  socket.on('hello', async (_message, acknowledge) => {
    const reply = await fetch(upstream);
    acknowledge(await reply.text());
  });
});

listenForBench(server);
