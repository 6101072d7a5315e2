import type { LaneContext } from '@laneway/core';
import type { Server, Socket } from 'socket.io';
import { afterEach, describe, expect, expectTypeOf, test } from 'vitest';
import { lanes, openScene, type Scene, SERVERS, whereAmI } from './socket-io-lane.fixture.js';
import { type HandshakeSocket, socketIoLane, type SocketIoMiddleware } from './index.js';

const WRAPPED = ['_onpacket', '_onclose', '_onerror', 'use'];

let scene: Scene | undefined;
afterEach(async () => scene?.close());

/** A request with these headers. */
const madeBy = (headers: Record<string, string>): NonNullable<HandshakeSocket['request']> => ({
  headers,
  rawHeaders: Object.entries(headers).flat(),
  socket: { remoteAddress: '127.0.0.1' } as Socket['request']['socket'],
});

async function firstSocket(server: keyof typeof SERVERS): Promise<[Scene, Socket]> {
  scene = await openScene({ server, transport: 'websocket only' });
  const { io, connect } = scene;
  const connected = new Promise<Socket>((resolve) => void io.on('connection', resolve));
  await connect('a');
  return [scene, await connected];
}

describe.each(Object.keys(SERVERS) as (keyof typeof SERVERS)[])('%s version', (server) => {
  test('every internal is still where it was', async () => {
    const [{ io }, socket] = await firstSocket(server);
    const since45 = server === 'highest' ? ['notifyOutgoingListeners'] : [];
    for (const name of [...WRAPPED, ...since45]) expect(Object.hasOwn(socket, name), name).toBe(true);
    const { acks, fns } = socket as unknown as { acks: unknown; fns: unknown };
    expect(acks).toBeInstanceOf(Map);
    expect(Object.hasOwn(acks as object, 'set')).toBe(true);
    expect(fns).toBeInstanceOf(Array);
    expect(Object.hasOwn(io.sockets, 'emitReserved')).toBe(true);
    if (server === 'highest') expect(Object.hasOwn(io.sockets.adapter, 'broadcastWithAck')).toBe(true);
  });

  test('nothing is left on the prototypes, nor in namespaces without the middleware', async () => {
    const [{ io, connect }, socket] = await firstSocket(server);
    const plain = new Promise<Socket>((resolve) => void io.of('/plain').on('connection', resolve));
    await connect('a', '/plain');
    for (const name of WRAPPED) expect(Object.hasOwn(await plain, name), name).toBe(false);
    expect(Object.hasOwn(io.of('/plain'), 'emitReserved')).toBe(false);
    expect(socket.use).not.toBe(Object.getPrototypeOf(socket).use);
    expect((await plain).use).toBe(Object.getPrototypeOf(socket).use);
  });

  test('a second middleware with the same lanes has no effect', async () => {
    scene = await openScene({ server, transport: 'websocket only' });
    const { io, connect, middleware } = scene;
    const methods = (socket: object): unknown[] => WRAPPED.map((name) => Reflect.get(socket, name));
    const seen: unknown[][] = [];
    io.use((socket, next) => (seen.push(methods(socket)), next()));
    io.use(middleware);
    io.use(socketIoLane(lanes));
    io.use((socket, next) => (seen.push(methods(socket)), next()));
    let calls = 0;
    io.on('connection', (socket) => {
      socket.on('where', async (answer: (text: string) => void) => {
        answer(`${++calls} in ${await whereAmI()}`);
      });
    });
    expect(await (await connect('a')).emitWithAck('where')).toBe('1 in a');
    expect(seen[1]).toEqual(seen[0]);
  });
});

describe('when an internal is missing', () => {
  const pass = (socket: object): LaneContext => {
    let lane: LaneContext | undefined;
    socketIoLane(lanes)(socket as HandshakeSocket, () => (lane = lanes.current()));
    return lane as LaneContext;
  };

  test.each([
    { nsp: {} },
    { nsp: { adapter: null, emitReserved: 1 }, acks: {}, fns: new Set(), use: 1 },
    { nsp: { adapter: {} }, acks: null, fns: null, _onpacket: 1, _onclose: null },
  ])('nothing is thrown and the middlewares behind are in the lane', (socket) => {
    expect(pass({ ...socket, request: madeBy({ version: 'a' }) }).name).toBe('a');
  });

  test('events still enter the lane through a middleware', () => {
    const middlewares: ((event: unknown[], next: () => void) => void)[] = [];
    const request = madeBy({ version: 'a' });
    pass({ nsp: {}, conn: {}, request, use: (middleware: never) => middlewares.push(middleware) });
    let name: string | undefined;
    middlewares[0]?.(['go'], () => (name = lanes.current().name));
    expect(name).toBe('a');
  });
});

test('headers that hold no lane leave the application as it is', async () => {
  scene = await openScene({ server: 'highest', transport: 'websocket only' });
  scene.io.on('connection', (socket) => {
    socket.on('where', async (answer: (name: string) => void) => answer(await whereAmI()));
  });
  const client = await scene.connect(' ');
  expect(await client.emitWithAck('where')).toBe('baseline');
});

test('without lanes, the process default is used', () => {
  let name: string | undefined;
  const socket = { nsp: {}, conn: {}, request: madeBy({ 'x-lane': 'v2' }) };
  socketIoLane()(socket, () => (name = lanes.current().name ?? lanes.current().get('x-lane')));
  expect(name).toBe('v2');
});

test('servers with typed events accept the middleware', () => {
  type Events = { hello: (text: string, answer: (ok: boolean) => void) => void };
  type Typed = Server<Events, { news: () => void }, Record<string, never>, { user: string }>;
  expectTypeOf<SocketIoMiddleware>().toExtend<Parameters<Server['use']>[0]>();
  expectTypeOf<SocketIoMiddleware>().toExtend<Parameters<Typed['use']>[0]>();
  expectTypeOf<SocketIoMiddleware>().toExtend<Parameters<ReturnType<Typed['of']>['use']>[0]>();
});
