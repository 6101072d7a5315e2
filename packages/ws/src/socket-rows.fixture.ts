import { on, once } from 'node:events';
import { createWebSocketStream, WebSocket } from 'ws';
import { inLane, name, type Scene, type SceneOptions } from './ws-lane.fixture.js';

/** One row of the README's table: which lane a piece of code sees. The client's handshake has lane `a`. */
export interface Row {
  readonly name: string;
  /** @default 'a' */
  readonly expected?: string;
  /** Only for the newest version, which has what the row needs. */
  readonly newestOnly?: boolean;
  readonly options?: SceneOptions['options'];
  /** Resolves with the name of the lane that was seen. */
  readonly play: (scene: Scene) => Promise<unknown>;
}

/** Connects a client in lane `a`, and returns both ends. */
export async function connectPair(scene: Scene): Promise<{ socket: WebSocket; client: WebSocket }> {
  const [[socket], client] = await Promise.all([
    once(scene.wss, 'connection') as Promise<[WebSocket]>,
    scene.connect('a'),
  ]);
  return { socket, client };
}

/** A row that listens with `add`, then calls `cause`, and expects the lane in the listener. */
function listening(
  rowName: string,
  add: (socket: WebSocket, listener: () => void) => unknown,
  cause: (pair: { socket: WebSocket; client: WebSocket }) => unknown,
): Row {
  return {
    name: rowName,
    async play(scene) {
      const pair = await connectPair(scene);
      return new Promise((resolve) => {
        // Added and caused by code in other lanes.
        inLane('adder', () => add(pair.socket, () => resolve(name())));
        void inLane('causer', () => cause(pair));
      });
    },
  };
}

const send = ({ client }: { client: WebSocket }): void => client.send('x');

class Own extends WebSocket {
  seen: string | undefined;

  constructor(address: null, ...rest: [undefined, WebSocket.ClientOptions]) {
    super(address as never, ...rest);
    this.on('open', () => (this.seen = name()));
  }
}

export const SOCKET_ROWS: readonly Row[] = [
  listening('on message', (socket, listener) => socket.on('message', listener), send),
  listening('once message', (socket, listener) => socket.once('message', listener), send),
  listening(
    'prependListener message',
    (socket, listener) => socket.prependListener('message', listener),
    send,
  ),
  listening(
    'addEventListener message',
    (socket, listener) => socket.addEventListener('message', listener),
    send,
  ),
  listening('onmessage', (socket, listener) => Reflect.set(socket, 'onmessage', listener), send),
  listening(
    'on ping',
    (socket, listener) => socket.on('ping', listener),
    ({ client }) => client.ping(),
  ),
  listening(
    'on pong',
    (socket, listener) => socket.on('pong', listener),
    ({ socket }) => socket.ping(),
  ),
  listening(
    'on close, closed by the client',
    (socket, listener) => socket.on('close', listener),
    ({ client }) => client.close(),
  ),
  listening(
    'onclose, closed by code in another lane',
    (socket, listener) => Reflect.set(socket, 'onclose', listener),
    ({ socket }) => socket.close(),
  ),
  listening(
    'on close, terminated by code in another lane',
    (socket, listener) => socket.on('close', listener),
    ({ socket }) => socket.terminate(),
  ),
  listening(
    'on error, after an invalid frame',
    (socket, listener) => socket.on('error', listener),
    ({ client }) => Reflect.get(client, '_socket').write(Buffer.from([0x8f, 0x00])),
  ),
  listening(
    'an event that code in another lane emits',
    (socket, listener) => socket.on('own', listener),
    ({ socket }) => socket.emit('own'),
  ),
  {
    name: 'createWebSocketStream, data',
    async play(scene) {
      const { socket, client } = await connectPair(scene);
      const seen = new Promise((resolve) => createWebSocketStream(socket).on('data', () => resolve(name())));
      client.send('x');
      return seen;
    },
  },
  {
    name: 'open, of a class that extends WebSocket',
    newestOnly: true,
    options: {
      // ws creates the socket and opens it before `connection`.
      WebSocket: Own as unknown as typeof WebSocket,
    },
    play: async (scene) => Reflect.get((await connectPair(scene)).socket, 'seen'),
  },
  {
    name: 'the code behind an awaited event stays in its lane',
    expected: 'awaiter',
    async play(scene) {
      const { socket, client } = await connectPair(scene);
      return inLane('awaiter', async () => {
        const events = on(socket, 'message');
        client.send('x');
        await events.next();
        return name();
      });
    },
  },
];
