import type { Socket } from 'socket.io';
import { afterEach, describe, expect, test } from 'vitest';
import { openScene, type Scene, TRANSPORTS, upgraded, whereAmI } from './socket-io-lane.fixture.js';

let scene: Scene | undefined;
afterEach(async () => scene?.close());

describe.each(Object.keys(TRANSPORTS) as (keyof typeof TRANSPORTS)[])('%s', (transport) => {
  test.each([true, false])(
    'a recovered socket has the new lane, skipMiddlewares: %s',
    async (skipMiddlewares) => {
      const options = { connectionStateRecovery: { skipMiddlewares } };
      scene = await openScene({ server: 'highest', transport, options });
      const sockets: Socket[] = [];
      const seen: string[] = [];
      const look = (what: string) => async (): Promise<void> =>
        void seen.push(`${what} of ${sockets.length} in ${await whereAmI()}`);
      const ends: Promise<unknown>[] = [];
      scene.io.on('connection', (socket) => {
        sockets.push(socket);
        void look('connection')();
        socket.on('go', (answer: (recovered: boolean) => void) => {
          void look('event')().then(() => answer(socket.recovered));
        });
        ends.push(new Promise((resolve) => socket.on('disconnect', () => resolve(look('disconnect')()))));
      });

      const client = await scene.connect('a');
      // The client can recover only after it received an event, which has the offset.
      const news = new Promise((resolve) => client.once('news', resolve));
      sockets[0]?.emit('news');
      await news;
      expect(await client.emitWithAck('go')).toBe(false);

      const again = new Promise((resolve) => client.once('connect', () => resolve(undefined)));
      client.io.opts.extraHeaders = { version: 'b' };
      client.io.engine.close();
      await ends[0];
      await again;
      await upgraded(client);
      expect(await client.emitWithAck('go')).toBe(true);
      expect(sockets[1]?.id).toBe(sockets[0]?.id);

      client.disconnect();
      await ends[1];
      expect(seen).toEqual([
        'connection of 1 in a',
        'event of 1 in a',
        'disconnect of 1 in a',
        'connection of 2 in b',
        'event of 2 in b',
        'disconnect of 2 in b',
      ]);
    },
  );

  test('a reconnect without recovery has the new lane', async () => {
    scene = await openScene({ server: 'highest', transport });
    scene.io.on('connection', (socket) => {
      socket.on('where', async (answer: (name: string) => void) => answer(await whereAmI()));
    });
    const client = await scene.connect('a');
    expect(await client.emitWithAck('where')).toBe('a');
    for (const [version, name] of [
      ['b', 'b'],
      [undefined, 'baseline'],
      ['a', 'a'],
    ] as const) {
      const again = new Promise((resolve) => client.once('connect', () => resolve(undefined)));
      client.io.opts.extraHeaders = version === undefined ? {} : { version };
      client.io.engine.close();
      await again;
      expect(await client.emitWithAck('where')).toBe(name);
    }
  });
});
