import { EventEmitter } from 'node:events';
import type { LaneContext } from '@laneway/core';
import type { Server, Socket } from 'socket.io';
import { afterEach, describe, expect, expectTypeOf, test } from 'vitest';
import { lanes, openScene, type Scene, SERVERS, whereAmI } from './socket-io-lane.fixture.js';
import { type HandshakeSocket, socketIoLane, type SocketIoMiddleware } from './index.js';

const WRAPPED = ['_onpacket', '_onclose', '_onerror', 'emit', 'use'];

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
    const has = (owner: object, names: readonly string[]): void => {
      const prototype = Object.getPrototypeOf(owner) as object;
      for (const name of names) expect(Object.hasOwn(prototype, name), name).toBe(true);
    };
    has(socket, [...WRAPPED, ...(server === 'highest' ? ['notifyOutgoingListeners'] : [])]);
    expect((socket as unknown as { fns: unknown }).fns).toBeInstanceOf(Array);
    has(socket.conn, ['emit']);
    expect(socket.conn.listenerCount('data')).toBe(1);
    has(io.sockets, ['emitReserved']);
    if (server === 'highest') {
      expect((io.sockets.adapter as unknown as { nsp: unknown }).nsp).toBe(io.sockets);
      has(io.sockets, ['serverSideEmit', '_onServerSideEmit']);
      has(io.sockets.adapter, ['broadcastWithAck']);
    }
  });

  test('a socket and its connection get no functions, no listeners and no property that code can list', async () => {
    const [{ io, connect }, socket] = await firstSocket(server);
    const listed = (owner: object): string[] => Object.keys(owner);
    const functions = (owner: object): string[] =>
      Object.getOwnPropertyNames(owner).filter((name) => typeof Reflect.get(owner, name) === 'function');
    const inPlain = new Promise<Socket>((resolve) => void io.of('/plain').on('connection', resolve));
    await connect('a', '/plain');
    const plain = await inPlain;
    for (const [own, other] of [
      [socket, plain],
      [socket.conn, plain.conn],
      [io.sockets, io.of('/plain')],
    ] as const) {
      expect(listed(own)).toEqual(listed(other));
      expect(functions(own)).toEqual(functions(other));
      expect(own.eventNames()).toEqual(other.eventNames());
    }
  });

  test('shared prototypes stay as they are', async () => {
    const before = [Object.prototype, EventEmitter.prototype].map((owner) => Reflect.ownKeys(owner));
    const { emit } = EventEmitter.prototype;
    await firstSocket(server);
    expect([Object.prototype, EventEmitter.prototype].map((owner) => Reflect.ownKeys(owner))).toEqual(before);
    expect(EventEmitter.prototype.emit).toBe(emit);
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
