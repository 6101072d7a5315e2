// The services of the group `sockets`: an event handler that answers with the baggage that it would pass to a call. Its first argument
// names the way: by-hand, laneway, or plain for libraries that patch socket.io and are loaded with `--import`.
import { createServer } from 'node:http';
import { defineLanes } from '@laneway/core';
import { socketIoLane } from '@laneway/socket.io';
import { propagation, context } from '@opentelemetry/api';
import { Server } from 'socket.io';

const [, , way] = process.argv;
const server = createServer();
const io = new Server(server);

const to = 'http://helloworld:5000/hello';
const ways = {
  'by-hand': () => (socket) => socket.handshake.headers.baggage ?? '',
  laneway: () => {
    const lanes = defineLanes({ key: 'version', carry: { baggage: ['*'] } });
    io.use(socketIoLane(lanes));
    return () => lanes.attach({}, { to }).baggage ?? '';
  },
  plain: () => () => {
    const headers = {};
    propagation.inject(context.active(), headers);
    return headers.baggage ?? '';
  },
};
const baggageOf = ways[way]();

io.on('connection', (socket) => {
  socket.on('hello', (_message, acknowledge) => acknowledge(`Hello ${baggageOf(socket)}`));
});

/** Heap bytes after full garbage collections, which also free what weak references and finalizers held. */
async function heapBytes() {
  for (let turn = 0; turn < 3; turn++) {
    globalThis.gc();
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return process.memoryUsage().heapUsed;
}

async function answer({ heap }) {
  const { user, system } = process.cpuUsage();
  const cpuMicroseconds = user + system;
  const connections = io.engine.clientsCount;
  process.send({ cpuMicroseconds, connections, heapBytes: heap ? await heapBytes() : undefined });
}

process.on('message', (message) => void answer(message));
process.on('disconnect', () => process.exit());
server.listen(0, '127.0.0.1', () => process.send({ port: server.address().port }));
