import { once } from 'node:events';
import { connect } from 'node:net';
import { BASELINE } from '@laneway/core';
import type { WebSocket } from 'ws';
import { connectPair, type Row } from './socket-rows.fixture.js';
import { inLane, lanes, name } from './ws-lane.fixture.js';

const ends = (fn: (resolve: (seen: string) => void) => void): Promise<string> =>
  new Promise((resolve) => fn(resolve));
let seen: string[] = [];
const see = <T>(result: T): T => {
  seen.push(name());
  return result;
};
const note = (): string => {
  const all = [...new Set(seen)].join(' then ');
  seen = [];
  return all;
};

/** Calls back in the lane of another unit of work, as a pooled database connection does. */
const elsewhere = (callback: () => void): void =>
  void setImmediate(() => lanes.run(BASELINE.set('version', 'pool'), callback, {}));

export const SERVER_ROWS: readonly Row[] = [
  {
    name: 'on connection',
    play: async ({ wss, connect: open }) => {
      const first = ends((resolve) => void wss.on('connection', () => resolve(name())));
      await open('a');
      return first;
    },
  },
  {
    name: 'verifyClient, handleProtocols, headers, connection',
    options: { verifyClient: () => see(true), handleProtocols: () => see('p') },
    async play({ wss, connect: open }) {
      wss.on('headers', () => see(0)).on('connection', () => see(0));
      await open('a', ['p']);
      return note();
    },
  },
  {
    name: 'handleProtocols, headers, connection, after verifyClient called back in another lane',
    options: {
      verifyClient: (_info, callback) => elsewhere(() => callback(true)),
      handleProtocols: () => see('p'),
    },
    async play({ wss, connect: open }) {
      wss.on('headers', () => see(0)).on('connection', () => see(0));
      await open('a', ['p']);
      return note();
    },
  },
  {
    name: 'connection and message, after verifyClient set another lane',
    expected: 'b then b',
    options: { verifyClient: (_info, callback) => inLane('b', () => callback(true)) },
    async play(scene) {
      const connected = ends((resolve) => void scene.wss.on('connection', () => resolve(name())));
      const { socket, client } = await connectPair(scene);
      client.send('x');
      return `${await connected} then ${await ends((resolve) => void socket.on('message', () => resolve(name())))}`;
    },
  },
  {
    name: 'wsClientError',
    newestOnly: true,
    async play({ wss, port }) {
      const first = ends(
        (resolve) => void wss.on('wsClientError', (_error, socket) => (socket.destroy(), resolve(name()))),
      );
      const raw = connect(port, '127.0.0.1');
      raw.write(
        'GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nversion: a\r\n\r\n',
      );
      await once(raw, 'close');
      return first;
    },
  },
  {
    name: 'a connection that code in another lane emits again',
    async play(scene) {
      const { socket } = await connectPair(scene);
      return ends((resolve) => {
        scene.wss.once('connection', () => resolve(name()));
        inLane('other', () => scene.wss.emit('connection', socket));
      });
    },
  },
  ...(['send', 'ping', 'pong'] as const).map((method): Row => ({
    name: `the callback of ${method}`,
    expected: 'sender',
    async play(scene) {
      const { socket } = await connectPair(scene);
      return ends((resolve) =>
        inLane('sender', () =>
          method === 'send'
            ? socket.send('x', () => resolve(name()))
            : socket[method]('x', false, () => resolve(name())),
        ),
      );
    },
  })),
  {
    name: 'the code behind a broadcast',
    expected: 'sender, then a',
    async play(scene) {
      const { socket, client } = await connectPair(scene);
      const answer = ends((resolve) => void socket.on('message', () => resolve(name())));
      client.on('message', () => client.send('answer'));
      const after = inLane('sender', () => {
        scene.wss.clients.forEach((each: WebSocket) => each.send('x'));
        return name();
      });
      return `${after}, then ${await answer}`;
    },
  },
  {
    name: 'close of the server, caused by its last socket',
    expected: 'baseline',
    play: (scene) => endServer(scene, (resolve) => scene.wss.on('close', () => resolve(name()))),
  },
  {
    name: 'the callback of close of the server',
    expected: 'closer',
    play: (scene) =>
      endServer(scene, (resolve) => inLane('closer', () => scene.wss.close(() => resolve(name())))),
  },
];

async function endServer(
  scene: Parameters<Row['play']>[0],
  listen: (resolve: (seen: string) => void) => unknown,
): Promise<string> {
  const { socket } = await connectPair(scene);
  return ends((resolve) => {
    listen(resolve);
    scene.wss.close(() => {});
    socket.terminate();
  });
}
