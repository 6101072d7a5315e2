import { defineLanes, LanewayAdapterError } from '@laneway/core';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { socketIoLane, type SocketIoMiddleware } from './index.js';
import { lanes, openScene, type Scene } from './socket-io-lane.fixture.js';

let scene: Scene | undefined;
afterEach(async () => {
  vi.restoreAllMocks();
  await scene?.close();
});

test('io.use(socketIoLane): the client is refused, the developer is warned, and the server goes on', async () => {
  const warn = vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
  scene = await openScene({ server: 'highest', transport: 'websocket only' });
  const { io, connect } = scene;
  io.of('/wrong').use(socketIoLane as unknown as SocketIoMiddleware);
  const message = /socketIoLane was called with a socket.*Write io\.use\(socketIoLane\(\)\)/;
  await expect(connect('a', '/wrong')).rejects.toThrow(message);
  await expect(connect('a', '/wrong')).rejects.toThrow(message);
  expect(warn.mock.calls.map(([warning]) => warning)).toEqual([expect.any(LanewayAdapterError)]);
  expect(String(warn.mock.calls[0]?.[0])).toMatch(message);
  expect((await connect('a')).connected).toBe(true);
});

describe('io.engine.use, which is for middlewares of engine.io', () => {
  test.each([
    ['socketIoLane', socketIoLane as unknown],
    ['socketIoLane(lanes)', socketIoLane(lanes)],
  ])('%s: the client is refused, the developer is warned, and the server goes on', async (written, wrong) => {
    const warn = vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
    scene = await openScene({ server: 'highest', transport: 'websocket only' });
    const { io, connect } = scene;
    const engine = io.engine as unknown as { middlewares: unknown[]; use(middleware: unknown): void };
    engine.use(wrong);
    await expect(connect('a')).rejects.toThrow('websocket error');
    await expect(connect('a')).rejects.toThrow('websocket error');
    const [[warning] = []] = warn.mock.calls;
    expect(warn).toHaveBeenCalledTimes(1);
    expect(warning).toBeInstanceOf(LanewayAdapterError);
    expect(warning).toMatchObject({
      message:
        'socketIoLane was called with a request of engine.io instead of a socket. ' +
        `Write io.use(socketIoLane()), or io.use(socketIoLane(lanes)), instead of io.engine.use(${written}).`,
    });
    engine.middlewares.length = 0;
    expect((await connect('a')).connected).toBe(true);
  });
});

test('a policy instead of lanes is rejected at start-up', () => {
  expect(() => socketIoLane({ key: 'version' } as never)).toThrow(LanewayAdapterError);
});

test('two lanes on one namespace: the first one decides, and there is one warning', async () => {
  const warn = vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
  scene = await openScene({ server: 'highest', transport: 'websocket only' });
  const { io, connect, note, noted } = scene;
  io.use(socketIoLane(lanes));
  const others = defineLanes({ key: 'tag', carry: { headers: ['tag'] } });
  io.use(socketIoLane(others));
  io.use((_socket, next) => (note(), next()));
  await connect('a');
  await connect('b');
  expect(await noted()).toBe('a');
  expect(warn.mock.calls).toEqual([
    [expect.stringContaining('different lanes'), expect.objectContaining({ code: 'LANEWAY_SECOND_LANES' })],
  ]);
});
