import { once } from 'node:events';
import { afterEach, describe, expect, test } from 'vitest';
import {
  ask,
  CLIENTS,
  inLane,
  laneName,
  next,
  openScene,
  type Scene,
  TRANSPORTS,
} from './lane-socket-io.fixture.js';

let scene: Scene | undefined;
afterEach(async () => scene?.close());

type Client = keyof typeof CLIENTS;

for (const client of Object.keys(CLIENTS) as Client[]) {
  describe.each(Object.keys(TRANSPORTS) as (keyof typeof TRANSPORTS)[])(
    `${client} version, %s`,
    (transport) => {
      describe.each(['baseline', 'v2'])('in %s', (lane) => {
        const open = (): Promise<Scene> => openScene({ client, transport });

        test('a callback and the code after it continue the code that emitted', async () => {
          scene = await open();
          const socket = scene.open();
          const seen = await inLane(
            lane,
            () =>
              new Promise(
                (resolve) => void socket.emit('where', (there: string) => resolve([there, laneName()])),
              ),
          );
          expect(seen).toEqual([lane, lane]);
        });

        test('listeners: on, once, onAny, and what they emit', async () => {
          scene = await open();
          const { onSocket } = scene;
          onSocket((socket) => void socket.on('go', () => socket.emit('news', 1)));
          const socket = inLane('opener', () => scene?.open() as ReturnType<Scene['open']>);
          const seen: string[] = [];
          socket.onAny((event: string) => seen.push(`onAny ${event} ${laneName()}`));
          socket.once('news', () => seen.push(`once ${laneName()}`));
          const done = new Promise<string>((resolve) => {
            socket.on('news', () => {
              seen.push(`on ${laneName()}`);
              void ask(socket, 'where').then(resolve);
            });
          });
          inLane(lane, () => socket.emit('go'));
          expect(await done).toBe(lane);
          expect(seen).toEqual([`onAny news ${lane}`, `once ${lane}`, `on ${lane}`]);
        });

        test('a reply to the server, and connect and disconnect', async () => {
          scene = await open();
          const socket = scene.open();
          const seen: string[] = [];
          for (const event of ['connect', 'disconnect'] as const)
            socket.on(event, () => seen.push(`${event} ${laneName()} ${String(socket.connected)}`));
          socket.on('ask', (reply: (name: string) => void) => reply(laneName()));
          const answered = new Promise((resolve) => {
            scene?.onSocket((there) => void there.on('go', () => there.emit('ask', resolve)));
          });
          inLane(lane, () => socket.emit('go'));
          expect(await answered).toBe(lane);
          socket.disconnect();
          expect(seen.filter((line) => line.includes(lane))).toEqual([
            `connect ${lane} true`,
            `disconnect ${lane} false`,
          ]);
        });

        test('auth as a function, and the manager', async () => {
          scene = await open();
          const seen: string[] = [];
          const socket = inLane(lane, () =>
            (scene as Scene).open({
              auth: (send: (data: object) => void) => {
                seen.push(`auth ${laneName()}`);
                send({ token: 't' });
              },
            }),
          );
          socket.io.on('reconnect_attempt', () => seen.push(`reconnect_attempt ${laneName()}`));
          socket.io.on('reconnect', () => seen.push(`reconnect ${laneName()}`));
          await inLane(lane, () => ask(socket, 'where'));
          const [there] = await scene.server.fetchSockets();
          expect(there?.handshake.auth).toEqual({ token: 't' });
          const reconnected = once(scene.server, 'connection');
          const back = new Promise((resolve) => void socket.io.once('reconnect', resolve));
          for (const each of scene.server.sockets.sockets.values()) each.conn.close();
          await Promise.all([reconnected, back]);
          expect(seen.filter((line) => !line.includes('undefined'))).toEqual(
            expect.arrayContaining([`auth ${lane}`, `reconnect_attempt ${lane}`, `reconnect ${lane}`]),
          );
          expect(new Set(seen.map((line) => line.split(' ')[1]))).toEqual(new Set([lane]));
          expect(await inLane(lane, () => ask(socket, 'where'))).toBe(lane);
          expect(scene.handshakes).toEqual([lane, lane]);
        });
      });
    },
  );
}

describe('the newest version', () => {
  test.each(['baseline', 'v2'])('emitWithAck and timeouts, answered and not, in %s', async (lane) => {
    scene = await openScene();
    const socket = inLane('opener', () => (scene as Scene).open());
    await inLane(lane, async () => {
      expect(await socket.emitWithAck('where')).toBe(lane);
      expect(laneName()).toBe(lane);
      expect(await socket.timeout(5000).emitWithAck('where')).toBe(lane);
      await expect(socket.timeout(20).emitWithAck('silence')).rejects.toThrow('timed out');
      expect(laneName()).toBe(lane);
      const late = await new Promise((resolve) => {
        socket.timeout(20).emit('silence', (error: Error) => resolve([error.message, laneName()]));
      });
      expect(late).toEqual([expect.stringContaining('timed out'), lane]);
      const answered = await new Promise((resolve) => {
        socket
          .timeout(5000)
          .emit('where', (error: unknown, there: string) => resolve([error, there, laneName()]));
      });
      expect(answered).toEqual([null, lane, lane]);
    });
  });

  test('onAnyOutgoing runs in the lane that emitted, and volatile and compress are kept', async () => {
    scene = await openScene();
    const socket = scene.open();
    const seen: string[] = [];
    socket.onAnyOutgoing((event: string) => seen.push(`${event} ${laneName()}`));
    await inLane('v2', () => ask(socket, 'where'));
    expect(await inLane('v2', () => ask(socket.volatile.compress(false), 'where'))).toBe('v2');
    // Not connected: discarded, as by socket.io. The connection is opened all the same.
    let answers = 0;
    const connected = next(socket, 'connect');
    inLane('v3', () => socket.volatile.emit('where', () => answers++));
    await connected;
    expect(await inLane('v3', () => ask(socket, 'where'))).toBe('v3');
    expect([answers, seen]).toEqual([0, ['where v2', 'where v2', 'where v3']]);
  });

  test('errors are those of socket.io', async () => {
    scene = await openScene();
    const socket = scene.open();
    expect(() => socket.emit('connect')).toThrow('reserved event name');
    await expect(socket.emitWithAck('connect')).rejects.toThrow('reserved event name');
    scene.server.of('/closed').use((_there, refuse) => refuse(new Error('no entry')));
    const refused = inLane('v2', () => (scene as Scene).open({}, '/closed'));
    const error = await new Promise<[Error, string]>((resolve) => {
      refused.on('connect_error', (reason) => resolve([reason, laneName()]));
    });
    expect([error[0].message, error[1]]).toEqual(['no entry', 'v2']);
  });
});
