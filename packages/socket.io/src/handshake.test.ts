import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { Server, type ServerOptions, type Socket } from 'socket.io';
import { io as connectClient } from 'socket.io-client';
import { afterEach, expect, test } from 'vitest';
import { BASELINE } from '@laneway/core';
import { laneRoom, socketIoLane } from './index.js';
import { lanes, whereAmI } from './socket-io-lane.fixture.js';

type Headers = Readonly<Record<string, string>>;

let stop: (() => Promise<void>) | undefined;
afterEach(() => stop?.());

/** Starts a server and returns its address. */
async function start(options: Partial<ServerOptions> = {}): Promise<{ io: Server; origin: string }> {
  const http = createServer();
  const io = new Server(http, options);
  io.use(socketIoLane(lanes, { rooms: true }));
  await new Promise((resolve) => http.listen(0, '127.0.0.1', () => resolve(undefined)));
  stop = async () => {
    http.closeAllConnections();
    await io.close();
  };
  return { io, origin: `http://127.0.0.1:${(http.address() as AddressInfo).port}` };
}

/** A client that polls by hand, so that each request has its own headers. */
async function openPolling(
  origin: string,
  headers: Headers,
): Promise<{
  send: (packet: string, headers: Headers) => Promise<unknown>;
  poll: (headers: Headers) => Promise<string>;
}> {
  const url = `${origin}/socket.io/?EIO=4&transport=polling`;
  const opened = await (await fetch(url, { headers })).text();
  const { sid } = JSON.parse(opened.slice(1)) as { sid: string };
  const session = `${url}&sid=${sid}`;
  return {
    send: async (body, own) => (await fetch(session, { method: 'POST', body, headers: own })).text(),
    poll: async (own) => (await fetch(session, { headers: own })).text(),
  };
}

test('headers that change between polls do not change the lane', async () => {
  const { io, origin } = await start();
  io.on('connection', (socket) => {
    socket.on('where', async (answer: (name: string) => void) => answer(await whereAmI()));
  });
  const { send, poll } = await openPolling(origin, { version: 'a' });
  await send('40', { version: 'b' });
  expect(await poll({ version: 'b' })).toMatch(/^40/);
  for (const headers of [{ version: 'b' }, { version: 'b,c' }, {}, { baggage: 'version=b' }] as Headers[]) {
    await send('420["where"]', headers);
    expect(await poll(headers)).toBe('430["a"]');
  }
});

test('the server serves the root path, as in seed 000', async () => {
  const { io, origin } = await start({ path: '/' });
  io.on('connection', (socket) => {
    socket.on('where', async (answer: (name: string) => void) => answer(await whereAmI()));
  });
  for (const options of [{ path: '/' }, {}]) {
    const client = connectClient(origin, { ...options, extraHeaders: { version: 'a' }, forceNew: true });
    expect(await client.timeout(5_000).emitWithAck('where')).toBe('a');
    client.disconnect();
  }
});

test('children of a dynamic namespace that come and go', async () => {
  const { io, origin } = await start({ cleanupEmptyChildNamespaces: true });
  io.of(/^\/room-\d$/)
    .use(socketIoLane(lanes, { rooms: true }))
    .on('connection', (socket) => {
      socket.on('where', async (answer: (text: string) => void) => {
        answer(`${await whereAmI()} in ${[...socket.rooms].length} rooms of ${socket.nsp.name}`);
      });
    });
  for (const [path, version] of [
    ['/room-1', 'a'],
    ['/room-2', 'b'],
    ['/room-1', 'b'],
  ] as const) {
    const client = connectClient(`${origin}${path}`, { extraHeaders: { version }, forceNew: true });
    expect(await client.timeout(5_000).emitWithAck('where')).toBe(`${version} in 2 rooms of ${path}`);
    const closed = new Promise((resolve) =>
      io.of(path).sockets.forEach((socket) => socket.once('disconnect', resolve)),
    );
    client.disconnect();
    await closed;
  }
});

test('a middleware that throws after ours throws to socket.io, and the lane ends there', () => {
  const failure = new Error('a bug');
  const request = { headers: { version: 'a' }, rawHeaders: ['version', 'a'] };
  const fail = (): void => {
    expect(lanes.current().name).toBe('a');
    throw failure;
  };
  expect(() => socketIoLane(lanes)({ nsp: {}, conn: {}, request }, fail)).toThrow(failure);
  expect(lanes.current()).toBe(BASELINE);
});

test('a handshake that is aborted before the last middleware calls next', async () => {
  const { io, origin } = await start();
  const seen: string[] = [];
  const waiting = new Promise<[Socket, () => void]>((resolve) => {
    io.use((socket, next) => (socket.handshake.headers.slow ? resolve([socket, next]) : next()));
  });
  io.on('connection', (socket) => void seen.push(socket.data.lane as string));
  const aborted = connectClient(origin, { extraHeaders: { version: 'a', slow: '1' }, forceNew: true });
  const [socket, next] = await waiting;
  const closed = new Promise((resolve) => socket.conn.once('close', () => resolve(lanes.current().name)));
  aborted.io.engine.close();
  aborted.disconnect();
  expect(await closed).toBe('a');
  next();
  const client = connectClient(origin, { extraHeaders: { version: 'b' }, forceNew: true });
  await new Promise((resolve) => client.once('connect', () => resolve(undefined)));
  expect(seen).toEqual(['b']);
  expect([...io.sockets.adapter.rooms.keys()]).not.toContain(laneRoom('a'));
  client.disconnect();
});

test('10,000 handshakes that never finish leave nothing behind', { timeout: 60_000 }, async () => {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const { io, origin } = await start();
  // Some of them reach the middlewares, and the last middleware calls `next` when the connection is closed.
  io.use((socket, next) => void socket.conn.once('close', () => next()));
  io.on('connection', () => expect.unreachable());

  const open: Socket['conn'][] = [];
  io.engine.on('connection', (socket: Socket['conn']) => open.push(socket));
  const abandon = async (count: number): Promise<number> => {
    for (let left = count; left > 0; left -= 100) {
      await Promise.all(
        Array.from({ length: 100 }, async (_, index) => {
          const headers = { version: `lane-${left}-${index}`, baggage: `user=${left}-${index}` };
          const { send } = await openPolling(origin, headers);
          if (index % 5 === 0) await send('40', headers);
        }),
      );
      for (const socket of open.splice(0)) socket.close(true);
    }
    await new Promise((resolve) => setImmediate(resolve));
    collect();
    return process.memoryUsage().heapUsed;
  };
  const before = await abandon(2_000);
  const after = await abandon(8_000);
  expect(io.engine.clientsCount).toBe(0);
  expect(io.sockets.adapter.rooms.size).toBe(0);
  expect((after - before) / 8_000).toBeLessThan(100);
});
