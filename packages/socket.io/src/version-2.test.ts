import { setImmediate } from 'node:timers/promises';
import { afterEach, describe, expect, test } from 'vitest';
import { laneRoom, socketIoLane } from './index.js';
import { CALLER, lanes, OPENER, TRANSPORTS, whereAmI } from './socket-io-lane.fixture.js';
import { type Client2, openScene2, type Scene2, SERVERS_2, type Socket2 } from './version-2.fixture.js';

/** What a row works with; `note` notes the lane of the code that calls it. */
interface Stage {
  readonly scene: Scene2;
  readonly socket: Socket2;
  readonly client: Client2;
  readonly note: () => void;
}

interface Row2 {
  readonly name: string;
  /** @default 'a', the lane of the client's handshake */
  readonly expected?: string;
  readonly act: (stage: Stage) => unknown;
}

/** Calls back later and in another lane, as a pooled client library does. */
const later = (resume: () => void): void => lanes.run(OPENER, () => void setImmediate().then(() => resume()));

const ENDS: Readonly<Record<string, (stage: Stage) => unknown>> = {
  'the client disconnects': ({ client }) => client.disconnect(),
  'the transport closes': ({ client }) => client.io.engine.close(),
  'socket.disconnect() from another lane': ({ socket }) => lanes.run(CALLER, () => socket.disconnect()),
  'socket.disconnect(true) from another lane': ({ socket }) =>
    lanes.run(CALLER, () => socket.disconnect(true)),
  'io.close() from another lane': ({ scene }) => lanes.run(CALLER, () => scene.io.close()),
};

const ROWS: readonly Row2[] = [
  { name: 'on', act: ({ socket, client, note }) => (socket.on('go', note), client.emit('go')) },
  { name: 'once', act: ({ socket, client, note }) => (socket.once('go', note), client.emit('go')) },
  {
    name: 'a binary event',
    act: ({ socket, client, note }) => (socket.on('go', note), client.emit('go', Buffer.from([1, 2]))),
  },
  {
    name: 'socket.use after one that calls next from another context',
    act: ({ socket, client, note }) => {
      socket.use((_event, next) => later(next)).use((_event, next) => (note(), next()));
      client.emit('go');
    },
  },
  {
    name: 'on, after a socket.use that calls next from another context',
    act: ({ socket, client, note }) => {
      socket.use((_event, next) => later(next)).on('go', note);
      client.emit('go');
    },
  },
  {
    name: 'an acknowledgement, asked in a handler',
    act: ({ socket, client, note }) => {
      socket.on('go', () => void socket.emit('ask', note));
      client.emit('go');
    },
  },
  {
    name: 'an acknowledgement, asked in another lane',
    expected: 'caller',
    act: ({ socket, note }) => lanes.run(CALLER, () => socket.emit('ask', note)),
  },
  {
    name: 'an acknowledgement, asked by a timer',
    expected: 'baseline',
    act: ({ socket, note }) => setTimeout(() => socket.emit('ask', note), 1),
  },
  {
    name: 'the code after an emit in another lane',
    expected: 'caller',
    act: ({ socket, note }) => lanes.run(CALLER, () => (socket.emit('news'), note())),
  },
  {
    name: 'a listener of socket.conn',
    act: ({ socket, note }) => (
      socket.conn.on('close', note),
      lanes.run(CALLER, () => socket.disconnect(true))
    ),
  },
  ...Object.entries(ENDS).flatMap(([name, end]) =>
    ['disconnecting', 'disconnect'].map((event) => ({
      name: `${event}, when ${name}`,
      act: (stage: Stage) => (stage.socket.on(event, stage.note), end(stage)),
    })),
  ),
];

let scene: Scene2;
afterEach(() => scene.close());

test('every internal of 2.5 is still where it was', async () => {
  scene = await openScene2(SERVERS_2['socket.io 2.5'] as () => never, ['websocket']);
  scene.io.use(socketIoLane(lanes));
  const connected = new Promise<Socket2>((resolve) => void scene.io.on('connection', resolve));
  await scene.connect('a');
  const prototypeOf = (owner: object): object => Object.getPrototypeOf(owner) as object;
  const socket = (await connected) as Socket2 & { nsp: object; fns: unknown };
  for (const name of ['onpacket', 'onclose', 'onerror', 'emit', 'use'])
    expect(Object.hasOwn(prototypeOf(socket), name), name).toBe(true);
  expect(socket.fns).toBeInstanceOf(Array);
  expect(Object.hasOwn(prototypeOf(socket.nsp), 'emit')).toBe(true);
  expect(Object.hasOwn(prototypeOf(socket.conn), 'emit')).toBe(true);
});

for (const [server, create] of Object.entries(SERVERS_2)) {
  for (const [transport, transports] of Object.entries(TRANSPORTS)) {
    describe(`${server}, a client of 2.5, ${transport}`, () => {
      test.each(ROWS)('$name', async ({ expected = 'a', act }) => {
        scene = await openScene2(create, transports);
        scene.io.use(socketIoLane(lanes));
        const connected = new Promise<Socket2>((resolve) => void scene.io.on('connection', resolve));
        const client = await scene.connect('a');
        const socket = await connected;
        const noted = new Promise<string>((resolve) => {
          act({ scene, socket, client, note: () => void whereAmI().then(resolve) });
        });
        expect(await noted).toBe(expected);
      });

      test.each(['connection', 'connect'])(
        'middlewares and %s, in every order and in a namespace',
        async (event) => {
          scene = await openScene2(create, transports);
          const seen: Promise<string>[] = [];
          const look = (_socket: unknown, next?: () => void): void => (seen.push(whereAmI()), next?.());
          const admin = scene.io.of('/admin');
          admin.use((socket: Socket2, next) => (socket.use((_event, done) => later(done)), next()));
          admin.use(socketIoLane(lanes)).use(look);
          admin.use((_socket, next) => later(next));
          const heard = new Promise((resolve) => {
            admin.on(
              event,
              (socket) => (look(socket), socket.on('go', () => resolve(seen.push(whereAmI())))),
            );
          });
          (await scene.connect('a', '/admin')).emit('go');
          await heard;
          expect(await Promise.all(seen)).toEqual(['a', 'a', 'a']);
        },
      );

      test('a broadcast to the room of a lane, and by a timer at the baseline', async () => {
        scene = await openScene2(create, transports);
        scene.io.use(socketIoLane(lanes, { rooms: true }));
        const heard: string[] = [];
        const clients = await Promise.all(['a', 'b', undefined].map((version) => scene.connect(version)));
        const all = clients.map(async (client, index) => {
          client.on('news', () => heard.push(`news to ${index}`));
          return new Promise((resolve) => client.once('okok', (name: string) => resolve(name)));
        });
        scene.io.to(laneRoom('b')).emit('news');
        setTimeout(() => scene.io.emit('okok', lanes.current().name ?? 'baseline'), 1);
        expect(await Promise.all(all)).toEqual(['baseline', 'baseline', 'baseline']);
        expect(heard).toEqual(['news to 1']);
      });
    });
  }
}
