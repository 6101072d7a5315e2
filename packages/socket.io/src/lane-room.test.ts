import { LanewayAdapterError } from '@laneway/core';
import type { Socket } from 'socket.io';
import type { Socket as ClientSocket } from 'socket.io-client';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { laneRoom, socketIoLane } from './index.js';
import { lanes, openScene, type Scene, SERVERS } from './socket-io-lane.fixture.js';

let scene: Scene;
afterEach(async () => {
  vi.restoreAllMocks();
  await scene?.close();
});

/** A server with a namespace whose sockets join the room of their lane. */
async function openRooms(
  server: keyof typeof SERVERS = 'highest',
  options = {},
): Promise<(version?: string) => Promise<ClientSocket>> {
  scene = await openScene({ server, transport: 'websocket only', options });
  scene.io.of('/rooms').use(socketIoLane(lanes, { rooms: true }));
  return (version) => scene.connect(version, '/rooms');
}

/** The rooms of lanes. */
function laneRooms(): string[] {
  return [...scene.io.of('/rooms').adapter.rooms.keys()].filter((room) => room.startsWith('laneway:'));
}

describe.each(Object.keys(SERVERS) as (keyof typeof SERVERS)[])('%s version', (server) => {
  test('a broadcast to the room of a lane reaches that lane alone', async () => {
    const connect = await openRooms(server);
    const clients = await Promise.all(['a', 'a', 'b', undefined].map(connect));
    const heard = clients.map(() => [] as string[]);
    const all = clients.map(async (client, index) => {
      client.on('news', () => heard[index]?.push('news'));
      await new Promise((resolve) => client.once('end', () => resolve(undefined)));
    });
    const namespace = scene.io.of('/rooms');
    expect(laneRooms().toSorted()).toEqual([laneRoom('a'), laneRoom('b')]);
    namespace.to(laneRoom('a')).emit('news');
    namespace.emit('end');
    await Promise.all(all);
    expect(heard).toEqual([['news'], ['news'], [], []]);
  });

  test('a socket is in its room when connection runs, and leaves it with the connection', async () => {
    const connect = await openRooms(server);
    const connected = new Promise<Socket>((resolve) => {
      scene.io.of('/rooms').on('connection', (socket) => {
        expect(socket.rooms.has(laneRoom('a'))).toBe(true);
        resolve(socket);
      });
    });
    const client = await connect('a');
    const socket = await connected;
    const left = new Promise((resolve) => socket.once('disconnect', resolve));
    client.disconnect();
    await left;
    expect(laneRooms()).toEqual([]);
  });

  test('a socket that a middleware refuses leaves no room', async () => {
    const connect = await openRooms(server);
    scene.io.of('/rooms').use((_socket, next) => next(new Error('refused')));
    await expect(connect('a')).rejects.toThrow('refused');
    expect(laneRooms()).toEqual([]);
  });

  test('fetchSockets and socket.data show the lane, and nothing for a socket without one', async () => {
    const connect = await openRooms(server);
    await connect('a');
    await connect();
    const sockets = await scene.io.of('/rooms').fetchSockets();
    expect(sockets.map(({ data }) => data)).toEqual([{ lane: 'a' }, {}]);
  });
});

test('without the option there are no rooms', async () => {
  scene = await openScene({ server: 'highest', transport: 'websocket only' });
  await scene.connect('a');
  expect([...scene.io.sockets.adapter.rooms.keys()]).toEqual([expect.not.stringContaining('laneway')]);
});

test('what the application sets as socket.data.lane stays, and a replaced socket.data gets the lane', async () => {
  scene = await openScene({ server: 'highest', transport: 'websocket only' });
  const own = scene.io.of('/own');
  own.use((socket, next) => ((socket.data.lane = 'left'), next())).use(scene.middleware);
  const replaced = scene.io.of('/replaced').use(scene.middleware);
  replaced.use((socket, next) => ((socket.data = { user: 'alice' }), next()));
  await scene.connect('a', '/own');
  await scene.connect('a', '/replaced');
  expect((await own.fetchSockets()).map(({ data }) => data)).toEqual([{ lane: 'left' }]);
  expect((await replaced.fetchSockets()).map(({ data }) => data)).toEqual([{ user: 'alice', lane: 'a' }]);
});

test.each([null, 'text', Object.freeze({ user: 'alice' })])(
  'socket.data that cannot hold a lane stays: %j',
  async (data) => {
    scene = await openScene({ server: 'highest', transport: 'websocket only' });
    const namespace = scene.io.of('/data');
    namespace.use((socket, next) => ((socket.data = data), next())).use(scene.middleware);
    await scene.connect('a', '/data');
    expect([...namespace.sockets.values()].map((socket) => socket.data as unknown)).toEqual([data]);
  },
);

test.each([
  [true, 'b', [laneRoom('b')], { lane: 'b' }],
  [false, 'b', [laneRoom('b')], { lane: 'b' }],
  [true, undefined, [], {}],
])(
  'a recovered socket changes its room with its lane, skipMiddlewares: %s, new lane: %s',
  async (skipMiddlewares, version, rooms, data) => {
    const connect = await openRooms('highest', { connectionStateRecovery: { skipMiddlewares } });
    const recovered = new Promise<Socket>((resolve) => {
      scene.io.of('/rooms').on('connection', (socket) => void (socket.recovered && resolve(socket)));
    });
    const client = await connect('a');
    const news = new Promise((resolve) => client.once('news', resolve));
    scene.io.of('/rooms').emit('news');
    await news;
    client.io.opts.extraHeaders = version === undefined ? {} : { version };
    client.io.engine.close();
    const again = await recovered;
    expect(laneRooms()).toEqual(rooms);
    expect(again.data).toEqual(data);
  },
);

test.each([
  ['later', () => Promise.reject(new Error('no broker'))],
  [
    'at once',
    () => {
      throw new Error('no broker');
    },
  ],
])('an adapter that fails %s is a warning; the socket connects', async (_when, addAll) => {
  const warn = vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
  const connect = await openRooms();
  const { adapter } = scene.io.of('/rooms');
  const original = adapter.addAll.bind(adapter);
  adapter.addAll = (id, rooms) => (rooms.has(laneRoom('a')) ? addAll() : original(id, rooms));
  expect((await connect('a')).connected).toBe(true);
  await vi.waitFor(() => expect(warn).toHaveBeenCalled());
  expect(warn.mock.calls).toEqual([
    [expect.stringContaining('no broker'), expect.objectContaining({ code: 'LANEWAY_ROOM' })],
  ]);
});

test.each([[null], ['rooms'], [{ rooms: 'yes' }]])('wrong options are refused at start-up: %j', (options) => {
  expect(() => socketIoLane(lanes, options as never)).toThrow(LanewayAdapterError);
});
