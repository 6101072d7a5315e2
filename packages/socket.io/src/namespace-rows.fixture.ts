import type { Namespace } from 'socket.io';
import type { Row } from './event-rows.fixture.js';
import { type Scene, whereAmI } from './socket-io-lane.fixture.js';

async function playNamespace(scene: Scene, namespace: Namespace, path: string): Promise<string> {
  namespace.use(scene.middleware);
  namespace.on('connection', (socket) => void socket.onAny(scene.note));
  (await scene.connect('a', path)).emit('go');
  return scene.noted();
}

/** Namespaces of every kind, and two of them on one connection. */
export const NAMESPACE_ROWS: readonly Row[] = [
  {
    name: 'a static namespace',
    play: (scene) => playNamespace(scene, scene.io.of('/admin'), '/admin'),
  },
  {
    name: 'a dynamic namespace by pattern',
    play: (scene) => playNamespace(scene, scene.io.of(/^\/room-\d+$/), '/room-7'),
  },
  {
    name: 'a dynamic namespace by function',
    play: (scene) => {
      const namespace = scene.io.of((name, _auth, next) => next(null, name === '/room'));
      return playNamespace(scene, namespace, '/room');
    },
  },
  {
    name: 'two sockets on one connection',
    expected: 'a, a on 1 connection',
    play: async ({ io, connect, middleware, note, noted }) => {
      const connections = new Set<unknown>();
      const inAdmin = new Promise<string>((resolve) => {
        io.of('/admin')
          .use(middleware)
          .on('connection', (socket) => {
            connections.add(socket.conn);
            socket.on('go', () => resolve(whereAmI()));
          });
      });
      io.on('connection', (socket) => {
        connections.add(socket.conn);
        socket.on('go', note);
      });
      const client = await connect('a');
      client.emit('go');
      client.io.socket('/admin').emit('go');
      return `${await noted()}, ${await inAdmin} on ${connections.size} connection`;
    },
  },
];
