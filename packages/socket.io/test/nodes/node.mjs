// One node of a cluster. It reports its port, what its server events saw, and the lanes of its `disconnect` and `onAnyOutgoing` listeners.
import { createServer } from 'node:http';
import { defineLanes } from '@laneway/core';
import { createAdapter as createClusterAdapter } from '@socket.io/cluster-adapter';
import { createAdapter as createRedisAdapter } from '@socket.io/redis-adapter';
import { createAdapter as createStreamsAdapter } from '@socket.io/redis-streams-adapter';
import { createClient } from 'redis';
import { Server } from 'socket.io';
import { laneRoom, socketIoLane } from '../../dist/index.mjs';

const { KIND, REDIS } = process.env;
const lanes = defineLanes({ key: 'version', carry: { headers: ['version'], baggage: ['*'] } });
const lane = () => lanes.current().name ?? 'baseline';

async function connectRedis() {
  const client = createClient(JSON.parse(REDIS));
  await client.connect();
  return client;
}

const adapters = {
  cluster: () => createClusterAdapter(),
  redis: async () => createRedisAdapter(await connectRedis(), await connectRedis()),
  'redis streams': async () => createStreamsAdapter(await connectRedis()),
};

/** Everything that the node opens belongs to another lane, which no handler must see. */
await lanes.run(lanes.capture({ version: 'opener' }), async () => {
  const http = createServer();
  const io = new Server(http, { adapter: await adapters[KIND]() });
  io.use(socketIoLane(lanes, { rooms: true }));
  // The last sockets close while the process ends: then nobody listens.
  const tell = (what) => process.send({ what: `${what} in ${lane()}` }, () => {});

  io.on('server event', (text, answer) => {
    tell(text);
    answer(`${text} heard`);
  });
  io.on('connection', (socket) => {
    socket.onAnyOutgoing((event) => void (event === 'news' && tell('news sent')));
    socket.on('disconnect', () => tell('disconnect'));
    const commands = {
      broadcast: () => io.emit('news', 'to all'),
      room: (name) => io.to(laneRoom(name)).emit('news', `to ${name}`),
      kick: (name) => io.in(laneRoom(name)).disconnectSockets(),
      fetch: async () =>
        (await io.fetchSockets())
          .map(({ data }) => data.lane ?? 'baseline')
          .toSorted((one, other) => one.localeCompare(other)),
      ask: () =>
        new Promise((done) => io.timeout(5_000).emit('ask', (_error, answers) => done([lane(), ...answers]))),
      'ask and wait': async () => [...(await io.timeout(5_000).emitWithAck('ask')), lane()],
      serverSide: (text) =>
        new Promise((done) =>
          io.serverSideEmit('server event', text, (_error, answers) => done([lane(), ...answers])),
        ),
    };
    socket.on('command', async (name, arg, answer) => {
      const result = await commands[name](arg);
      answer(Array.isArray(result) ? [...result, lane()] : [lane()]);
    });
  });
  // `exclusive`: the workers of a cluster would share the port.
  http.listen({ port: 0, host: '127.0.0.1', exclusive: true }, () =>
    process.send({ port: http.address().port }),
  );
});

process.on('disconnect', () => process.exit());
