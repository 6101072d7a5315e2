import { createServer } from 'node:http';
import { BASELINE, defineLanes, type LanePolicy } from '@laneway/core';
import { close, collectDrops, listen } from '@laneway/testing';
import { Server } from 'socket.io';
import { io as connect, type ManagerOptions, type SocketOptions } from 'socket.io-client';
import { describe, expect, test } from 'vitest';
import { captureHandshake } from './capture-handshake.js';
import { TRANSPORTS } from './socket-io-lane.fixture.js';
import { socketIoLane } from './socket-io-lane.js';

const rules: LanePolicy = { key: 'version', carry: { headers: ['version'], baggage: ['*'] } };
const named: LanePolicy = { sources: { auth: 'lane', query: 'lane', cookie: 'lane' } };

/** Returns the lane of a socket, and what its handler sees of the handshake. */
async function ask(
  policy: LanePolicy,
  options: Partial<ManagerOptions & SocketOptions>,
): Promise<{ lane: string; handshake: object }> {
  const lanes = defineLanes(rules, policy);
  const server = createServer();
  const io = new Server(server);
  io.use(socketIoLane(lanes));
  io.on('connection', (socket) => {
    const { auth, query, url, headers } = socket.handshake;
    const { lane } = query;
    const handshake = { auth, query: lane, url: url.includes('lane='), cookie: headers.cookie };
    socket.on('ask', (answer: (seen: unknown) => void) =>
      answer({ lane: lanes.current().name ?? 'baseline', handshake }),
    );
  });
  const port = await listen(server);
  const client = connect(`http://127.0.0.1:${port}`, { reconnection: false, ...options });
  try {
    return (await client.emitWithAck('ask')) as { lane: string; handshake: object };
  } finally {
    client.close();
    await io.close();
    await close(server);
  }
}

const options = {
  auth: { lane: 'a', token: 't' },
  query: { lane: 'q' },
  extraHeaders: { cookie: 'x=1; lane=c' },
};

describe.each(Object.entries(TRANSPORTS))('%s', (_name, transports) => {
  test.each<[string, LanePolicy, object, string]>([
    ['no source is named: the baseline', {}, options, 'baseline'],
    ['auth comes first', named, options, 'a'],
    ['then the query', named, { ...options, auth: {} }, 'q'],
    ['then the cookie', named, { extraHeaders: options.extraHeaders }, 'c'],
    ['headers come before all', named, { ...options, extraHeaders: { version: 'h' } }, 'h'],
  ])('%s', async (_title, policy, given, expected) => {
    expect((await ask(policy, { ...given, transports })).lane).toBe(expected);
  });
});

test.each<[string, object, string]>([
  ['an object', { lane: { name: 'a' } }, 'malformed'],
  ['a list', { lane: ['a'] }, 'malformed'],
  ['a number', { lane: 1 }, 'malformed'],
  ['900 kB', { lane: 'x'.repeat(900_000) }, 'limit'],
  ['a line break', { lane: 'a\r\nb' }, 'malformed'],
])('auth with %s is dropped, and the socket works', async (_name, auth, reason) => {
  const drops = await collectDrops(async () => {
    expect((await ask(named, { auth, query: { lane: 'q' } })).lane).toBe('q');
  });
  expect(drops).toEqual([{ reason, direction: 'capture', source: 'auth' }]);
});

test('prototype keys of auth give no lane', async () => {
  const auth = JSON.parse('{"__proto__":{"lane":"a"},"constructor":{"lane":"a"}}') as object;
  expect((await ask(named, { auth })).lane).toBe('baseline');
});

test('sources of an untrusted sender set no lane, and are removed from the handshake', async () => {
  const drops = await collectDrops(async () => {
    expect(await ask({ ...named, trust: 'none' }, options)).toEqual({
      lane: 'baseline',
      handshake: { auth: { token: 't' }, url: false, cookie: 'x=1' },
    });
  });
  expect(drops).toEqual([{ reason: 'untrusted', direction: 'capture' }]);
  const trusted = await ask({ ...named, trust: ['127.0.0.1'] }, options);
  expect(trusted).toMatchObject({ lane: 'a', handshake: { auth: options.auth, query: 'q', url: true } });
});

test('a connection without a request (WebTransport) may name its lane in auth', () => {
  const socket = { request: undefined, handshake: { auth: { lane: 'a' } }, nsp: {}, conn: {} };
  const lane = (policy: LanePolicy): unknown => captureHandshake(defineLanes(rules, policy), socket).name;
  expect(lane(named)).toBe('a');
  expect(lane({})).toBeUndefined();
  expect(lane({ ...named, trust: ['0.0.0.0/0', '::/0'] })).toBeUndefined();
  expect(socket.handshake.auth).toEqual({});
  expect(captureHandshake(defineLanes(rules, named), { nsp: {}, conn: {} })).toBe(BASELINE);
});
