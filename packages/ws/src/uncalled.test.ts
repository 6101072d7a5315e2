import { once } from 'node:events';
import { createServer } from 'node:http';
import { defineLanes, LanewayAdapterError } from '@laneway/core';
import { afterEach, expect, test, vi } from 'vitest';
import { WebSocketServer } from 'ws';
import { wsLane } from './index.js';
import { connectPair } from './socket-rows.fixture.js';
import { lanes, name, openScene, type Scene } from './ws-lane.fixture.js';

let scene: Scene | undefined;
afterEach(async () => {
  vi.restoreAllMocks();
  await scene?.close();
  scene = undefined;
});

test("server.on('connection', wsLane): the socket is closed, the developer is warned once, and the server goes on", async () => {
  const warn = vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
  scene = await openScene();
  scene.wss.on('connection', wsLane as unknown as () => void);
  for (const client of [scene.open('a'), scene.open('b')])
    expect((await once(client, 'close'))[0]).toBe(1011);
  expect(warn.mock.calls.map(([warning]) => warning)).toEqual([expect.any(LanewayAdapterError)]);
  expect(String(warn.mock.calls[0]?.[0])).toMatch(
    /wsLane received an object, not a WebSocketServer.*wsLane\(server, lanes\)/,
  );
});

test.each([
  ['the class', WebSocketServer, /wsLane received a function, not a WebSocketServer/],
  ['an http server', createServer(), /wsLane received an object, not a WebSocketServer/],
  ['nothing', undefined, /wsLane received undefined, not a WebSocketServer/],
  ['lanes', lanes, /Pass what new WebSocketServer\(options\) returns/],
])('%s instead of a server is refused at start-up', (_name, server, message) => {
  const call = (): unknown => wsLane(server as never, lanes);
  expect(call).toThrow(LanewayAdapterError);
  expect(call).toThrow(message);
});

test('a policy instead of lanes is refused at start-up', () => {
  expect(() => wsLane(new WebSocketServer({ noServer: true }), { key: 'version' } as never)).toThrow(
    LanewayAdapterError,
  );
});

test('two lanes on one server: the one that meets the handshake first decides, and there is one warning', async () => {
  const warn = vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
  const others = defineLanes({ key: 'tag', carry: { headers: ['tag'] } });
  scene = await openScene({ mode: 'server behind nodeHttpLane' });
  wsLane(wsLane(scene.wss, lanes), others);
  for (let i = 0; i < 2; i++) {
    const { socket, client } = await connectPair(scene);
    client.send('x');
    expect(await new Promise((resolve) => socket.on('message', () => resolve(name())))).toBe('a');
  }
  expect(warn.mock.calls).toEqual([
    [expect.stringContaining('different lanes'), expect.objectContaining({ code: 'LANEWAY_SECOND_LANES' })],
  ]);
});
