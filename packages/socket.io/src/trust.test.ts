import { createServer } from 'node:http';
import { defineLanes, type Trust } from '@laneway/core';
import { close, collectDrops, listen } from '@laneway/testing';
import { Server } from 'socket.io';
import { io as connect } from 'socket.io-client';
import { expect, test } from 'vitest';
import { socketIoLane } from './index.js';

/** Returns what the server sees of a socket that sends a lane. */
async function ask(trust: Trust): Promise<unknown> {
  const lanes = defineLanes({ key: 'version', carry: { headers: ['version'], baggage: ['*'] }, trust });
  const server = createServer();
  const io = new Server(server);
  io.use(socketIoLane(lanes));
  io.on('connection', (socket) => {
    const { version, baggage } = socket.handshake.headers;
    socket.on('ask', (answer: (seen: unknown) => void) =>
      answer({ lane: lanes.current().name ?? 'baseline', version, baggage }),
    );
  });
  const port = await listen(server);
  const client = connect(`http://127.0.0.1:${port}`, { extraHeaders: { version: 'v2', baggage: 'a=1' } });
  try {
    return await client.emitWithAck('ask');
  } finally {
    client.close();
    await io.close();
    await close(server);
  }
}

test('a handshake of a trusted sender decides the lane', async () => {
  const seen = { lane: 'v2', version: 'v2', baggage: 'a=1' };
  expect(await ask('all')).toEqual(seen);
  expect(await ask(['127.0.0.1'])).toEqual(seen);
});

test('sockets of an untrusted sender are at the baseline, and its lane headers are removed', async () => {
  const drops = await collectDrops(async () => {
    expect(await ask('none')).toEqual({ lane: 'baseline' });
    expect(await ask(['10.0.0.0/8'])).toEqual({ lane: 'baseline' });
  });
  expect(drops).toEqual(Array.from({ length: 2 }, () => ({ reason: 'untrusted', direction: 'capture' })));
});
