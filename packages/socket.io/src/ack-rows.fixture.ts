import type { Socket } from 'socket.io';
import type { Socket as ClientSocket } from 'socket.io-client';
import type { Row } from './event-rows.fixture.js';
import { CALLER, lanes, type Scene, whereAmI } from './socket-io-lane.fixture.js';

/** A way to ask clients for an acknowledgement that calls `tell` in the context under test, answered or timed out. */
interface Question {
  readonly name: string;
  readonly since?: 4.4 | 4.5 | 4.6;
  readonly ask: (scene: Scene, socket: Socket, tell: () => void) => void;
}

const LONG = 60_000;
const SHORT = 20;

const answered: readonly Question[] = [
  { name: 'a callback', ask: (_scene, socket, tell) => void socket.emit('ask', tell) },
  {
    name: 'emitWithAck',
    since: 4.6,
    ask: (_scene, socket, tell) => void socket.emitWithAck('ask').then(tell),
  },
  {
    name: 'a timeout callback, answered',
    since: 4.4,
    ask: (_scene, socket, tell) => void socket.timeout(LONG).emit('ask', tell),
  },
  {
    name: 'timeout and emitWithAck, answered',
    since: 4.6,
    ask: (_scene, socket, tell) => void socket.timeout(LONG).emitWithAck('ask').then(tell),
  },
  {
    name: 'a broadcast callback, answered',
    since: 4.5,
    ask: ({ io }, _socket, tell) => void io.timeout(LONG).emit('ask', tell),
  },
  {
    name: 'broadcast emitWithAck, answered',
    since: 4.6,
    ask: ({ io }, _socket, tell) => void io.timeout(LONG).emitWithAck('ask').then(tell),
  },
];

const timedOut: readonly Question[] = [
  {
    name: 'a timeout callback, timed out',
    since: 4.4,
    ask: (_scene, socket, tell) => void socket.timeout(SHORT).emit('silence', tell),
  },
  {
    name: 'timeout and emitWithAck, timed out',
    since: 4.6,
    ask: (_scene, socket, tell) => void socket.timeout(SHORT).emitWithAck('silence').catch(tell),
  },
  {
    name: 'a broadcast callback, timed out',
    since: 4.5,
    ask: ({ io }, _socket, tell) => void io.timeout(SHORT).emit('silence', tell),
  },
  {
    name: 'broadcast emitWithAck, timed out',
    since: 4.6,
    ask: ({ io }, _socket, tell) => void io.timeout(SHORT).emitWithAck('silence').catch(tell),
  },
];

function answer(client: ClientSocket): ClientSocket {
  return client.on('ask', (reply: (text: string) => void) => reply('here'));
}

/** Asks in `run`; sockets of two lanes answer. */
async function playQuestion(
  scene: Scene,
  ask: Question['ask'],
  run: (fn: () => void) => void,
): Promise<string> {
  const first = new Promise<Socket>((resolve) => void scene.io.once('connection', resolve));
  answer(await scene.connect('a'));
  const socket = await first;
  answer(await scene.connect('b'));
  run(() => ask(scene, socket, scene.note));
  return scene.noted();
}

/** The same question asked inside a handler of lane a, in another lane, and by a timer at the baseline. */
function rowsOf({ name, since, ask }: Question): Row[] {
  const version = since === undefined ? {} : { since };
  return [
    {
      ...version,
      name: `${name}, asked in a handler`,
      play: async (scene) => {
        scene.io.on('connection', (socket) => void socket.on('go', () => ask(scene, socket, scene.note)));
        const clients = [answer(await scene.connect('b')), answer(await scene.connect('a'))];
        clients[1]?.emit('go');
        return scene.noted();
      },
    },
    {
      ...version,
      name: `${name}, asked in another lane`,
      expected: 'caller',
      play: (scene) => playQuestion(scene, ask, (fn) => lanes.run(CALLER, fn)),
    },
    {
      ...version,
      name: `${name}, asked by a timer`,
      expected: 'baseline',
      play: (scene) => playQuestion(scene, ask, (fn) => void setTimeout(fn, 1)),
    },
  ];
}

/** Acknowledgements in both directions and styles. */
export const ACK_ROWS: readonly Row[] = [
  ...[...answered, ...timedOut].flatMap(rowsOf),
  {
    name: 'the handler that answers a client',
    play: async ({ io, connect }) => {
      io.on('connection', (socket) => {
        socket.on('where', async (reply: (name: string) => void) => reply(await whereAmI()));
      });
      return (await connect('a')).emitWithAck('where') as Promise<string>;
    },
  },
];
