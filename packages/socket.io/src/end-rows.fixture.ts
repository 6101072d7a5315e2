import type { Socket } from 'socket.io';
import type { Socket as ClientSocket } from 'socket.io-client';
import type { Row } from './event-rows.fixture.js';
import { CALLER, lanes, type Scene } from './socket-io-lane.fixture.js';

const SHORT = 20;

/** A way to end a connection, and the reason that listeners receive. */
interface End {
  readonly name: string;
  readonly reason: string;
  readonly options?: Row['options'];
  readonly end: (scene: Scene, socket: Socket, client: ClientSocket) => void;
}

const ENDS: readonly End[] = [
  {
    name: 'the client disconnects',
    reason: 'client namespace disconnect',
    end: (_scene, _socket, client) => void client.disconnect(),
  },
  {
    name: 'socket.disconnect() from another lane',
    reason: 'server namespace disconnect',
    end: (_scene, socket) => void lanes.run(CALLER, () => socket.disconnect()),
  },
  {
    name: 'socket.disconnect(true) from another lane',
    reason: 'server namespace disconnect',
    end: (_scene, socket) => void lanes.run(CALLER, () => socket.disconnect(true)),
  },
  {
    name: 'io.disconnectSockets() from another lane',
    reason: 'server namespace disconnect',
    end: ({ io }) => lanes.run(CALLER, () => io.disconnectSockets()),
  },
  {
    name: 'the transport closes',
    reason: 'transport close',
    end: (_scene, _socket, client) => void client.io.engine.close(),
  },
  {
    name: 'the client does not answer pings',
    reason: 'ping timeout',
    options: { pingInterval: SHORT },
    // An upgrade cancels a ping that is not answered yet, and no other ping follows (engine.io 6.6). So the client stops answering only
    // after an answer over the last transport. The timeout is short only from then on, so a busy machine does not miss a ping before.
    end: ({ io }, { conn }, client) => {
      conn.on('heartbeat', () => {
        const { transport } = client.io.engine;
        if (conn.transport.name !== transport.name) return;
        transport.send = () => undefined;
        io.engine.opts.pingTimeout = SHORT;
      });
    },
  },
  {
    name: 'io.close() from another lane',
    reason: 'server shutting down',
    end: ({ io }) => lanes.run(CALLER, () => void io.close()),
  },
];

/** Both events of every end. */
export const END_ROWS: readonly Row[] = ENDS.flatMap(({ name, reason, options = {}, end }) =>
  (['disconnecting', 'disconnect'] as const).map((event): Row => ({
    name: `${event}, when ${name}`,
    options,
    play: async (scene) => {
      const connected = new Promise<Socket>((resolve) => void scene.io.once('connection', resolve));
      const client = await scene.connect('a');
      const socket = await connected;
      const told = new Promise<string>((resolve) => {
        socket.on(event, (why) => (scene.note(), resolve(why)));
      });
      end(scene, socket, client);
      if ((await told) !== reason) return `${await told} instead of ${reason}`;
      return scene.noted();
    },
  })),
);
