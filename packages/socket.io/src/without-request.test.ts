import { createServer } from 'node:http';
import { BASELINE } from '@laneway/core';
import { close, listen } from '@laneway/testing';
import { Server } from 'socket.io';
import { io as connectClient } from 'socket.io-client';
import { afterEach, expect, test } from 'vitest';
import { socketIoLane } from './index.js';
import { lanes, OPENER, whereAmI } from './socket-io-lane.fixture.js';

// engine.io has no request for a connection that starts on WebTransport. socket.io's own tests imitate that by deleting it.
type EngineSocket = { request?: unknown };

let stop: (() => Promise<void>) | undefined;
afterEach(() => stop?.());

test.each([
  ['the request is missing', (socket: EngineSocket) => void delete socket.request],
  ['the request is null', (socket: EngineSocket) => void (socket.request = null)],
])('a socket connects and runs at the baseline: %s', async (_name, removeRequest) => {
  const http = createServer();
  const seen: Promise<string>[] = [];
  // The server and its engine run in a lane, which the socket must not get.
  const io = lanes.run(OPENER, () => new Server(http));
  io.engine.on('connection', removeRequest);
  io.use(socketIoLane(lanes));
  io.use((_socket, next) => lanes.run(OPENER, next));
  io.on('connection', (socket) => {
    seen.push(whereAmI());
    socket.on('where', async (answer: (name: string) => void) => answer(await whereAmI()));
    socket.conn.on('close', () => seen.push(whereAmI()));
  });
  const port = await lanes.run(OPENER, () => listen(http));
  const client = connectClient(`http://127.0.0.1:${port}`, {
    extraHeaders: { version: 'a' },
    transports: ['websocket'],
    reconnection: false,
    forceNew: true,
  });
  stop = async () => {
    client.disconnect();
    await io.close();
    await close(http);
  };
  expect(await client.timeout(2_000).emitWithAck('where')).toBe('baseline');
  await stop();
  stop = undefined;
  expect(await Promise.all(seen)).toEqual(['baseline', 'baseline']);
});

test('a policy that trusts only some senders does not throw either', () => {
  let lane: unknown;
  const socket = { nsp: {}, conn: {}, request: null };
  socketIoLane(lanes)(socket, () => (lane = lanes.current()));
  expect(lane).toBe(BASELINE);
});
