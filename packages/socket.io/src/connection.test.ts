import type { Socket } from 'socket.io';
import { afterEach, describe, expect, test } from 'vitest';
import { CALLER, lanes, openScene, type Scene, SERVERS, TRANSPORTS } from './socket-io-lane.fixture.js';

type Act = (scene: Scene, socket: Socket) => unknown;

/** Makes a connection emit, from another lane than that of its handshake. */
const EVENTS: Readonly<Record<string, Act>> = {
  packet: ({ io }) => io.emit('answer'),
  drain: ({ io }) => lanes.run(CALLER, () => io.emit('news')),
  close: (_scene, socket) => lanes.run(CALLER, () => socket.disconnect(true)),
};

let scene: Scene;
afterEach(() => scene.close());

async function openSocket(
  server: keyof typeof SERVERS,
  transport: keyof typeof TRANSPORTS,
  listen: (socket: Socket) => unknown,
  version?: string,
): Promise<Socket> {
  scene = await openScene({ server, transport });
  const connected = new Promise<Socket>((resolve) => {
    scene.io.on('connection', (socket) => (listen(socket), resolve(socket)));
  });
  const client = await scene.connect(version);
  client.on('answer', () => client.emit('go'));
  return connected;
}

for (const server of Object.keys(SERVERS) as (keyof typeof SERVERS)[]) {
  for (const transport of Object.keys(TRANSPORTS) as (keyof typeof TRANSPORTS)[]) {
    describe(`${server} version, ${transport}`, () => {
      test.each(Object.entries(EVENTS))(
        'socket.conn is in the lane of its handshake: %s',
        async (event, act) => {
          const socket = await openSocket(server, transport, () => undefined, 'a');
          socket.conn.on(event, scene.note);
          act(scene, socket);
          expect(await scene.noted()).toBe('a');
        },
      );

      test('a listener that io.engine added before the middleware ran', async () => {
        scene = await openScene({ server, transport });
        const { io, connect, note, noted } = scene;
        io.engine.on('connection', (conn: Socket['conn']) => conn.once('close', note));
        const connected = new Promise<Socket>((resolve) => void io.on('connection', resolve));
        await connect('a');
        const socket = await connected;
        lanes.run(CALLER, () => socket.disconnect(true));
        expect(await noted()).toBe('a');
      });

      test('socket.conn without a lane is at the baseline', async () => {
        const socket = await openSocket(server, transport, ({ conn }) => conn.once('close', scene.note));
        lanes.run(CALLER, () => socket.disconnect(true));
        expect(await scene.noted()).toBe('baseline');
      });

      test('a removed listener is not called', async () => {
        const heard: string[] = [];
        const first = (): unknown => heard.push('first');
        const socket = await openSocket(server, transport, ({ conn }) => conn.once('close', first), 'a');
        socket.conn.off('close', first);
        socket.conn.on('close', scene.note);
        socket.disconnect(true);
        expect(await scene.noted()).toBe('a');
        expect(heard).toEqual([]);
      });
    });
  }

  test(`${server} version, the upgrade of socket.conn`, async () => {
    await openSocket(
      server,
      'polling that upgrades',
      ({ conn }) => conn.once('upgrade', () => scene.note()),
      'a',
    );
    expect(await scene.noted()).toBe('a');
  });
}
