import { feathers } from '@feathersjs/feathers';
import socketio from '@feathersjs/socketio';
import { socketIoLane } from '@laneway/socket.io';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { io } from 'socket.io-client';
import { lanes, name, see, testStand } from './lane-count.js';
import { DEFLATE } from './text-client.js';

testStand('FeathersJS over socket.io', async (isOurs) => {
  const app = feathers();
  app.configure(
    socketio({ perMessageDeflate: DEFLATE }, (server) => {
      if (isOurs) server.use(socketIoLane(lanes));
    }),
  );
  app.use('work', {
    async create({ seed }: { seed: number }): Promise<readonly string[]> {
      return [await see(seed)];
    },
  });
  app.service('work').hooks({
    around: {
      all: [
        async (context: { result?: string[] }, next: () => Promise<void>) => {
          const before = name();
          await next();
          context.result = [...(context.result ?? []), before, name()];
        },
      ],
    },
  } as never);
  const server = await app.listen({ port: 0, host: '127.0.0.1' });
  if (!server.listening) await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    async connect(extraHeaders) {
      const socket = io(`http://127.0.0.1:${port}`, { extraHeaders, forceNew: true });
      await new Promise<void>((resolve) => void socket.once('connect', resolve));
      return {
        ask: (seed) =>
          new Promise((resolve, reject) => {
            socket.emit('create', 'work', { seed }, (error: unknown, result: string[]) =>
              error ? reject(error as Error) : resolve(result),
            );
          }),
        close: () => socket.disconnect(),
      };
    },
    close: () => app.teardown(),
  };
});
