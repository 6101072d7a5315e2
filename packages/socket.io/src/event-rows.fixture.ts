import { setImmediate } from 'node:timers/promises';
import type { Socket } from 'socket.io';
import { CALLER, lanes, OPENER, type Scene, type SceneOptions, whereAmI } from './socket-io-lane.fixture.js';

/** One thing that socket.io does, and the lane in which it calls the application. */
export interface Row {
  readonly name: string;
  /** The first version that has it. @default all */
  readonly since?: 4.4 | 4.5 | 4.6;
  /** @default 'a', the lane of the client's handshake */
  readonly expected?: string;
  /** Options of the server. @default socket.io's defaults */
  readonly options?: SceneOptions['options'];
  /** Plays the row and returns the lane that was seen. */
  readonly play: (scene: Scene) => Promise<string>;
}

/** Plays an event from a client of lane a, after `prepare` received the server socket. */
async function playEvent(scene: Scene, prepare: (socket: Socket) => void): Promise<string> {
  scene.io.on('connection', prepare);
  (await scene.connect('a')).emit('go', 'payload');
  return scene.noted();
}

/** Plays an event in a namespace with a middleware before `socketIoLane`. */
async function playEarly(scene: Scene, prepare: (socket: Socket) => void): Promise<string> {
  const early = scene.io.of('/early');
  early.use((socket, next) => (prepare(socket), later(next)));
  early.use(scene.middleware);
  (await scene.connect('a', '/early')).emit('go', 'payload');
  return scene.noted();
}

/** Calls back later and in another lane, as a pooled client library does. */
function later(resume: () => void): void {
  lanes.run(OPENER, () => void setImmediate().then(() => resume()));
}

const connections: readonly Row[] = [
  {
    name: 'a middleware after socketIoLane',
    play: async ({ io, connect, note, noted }) => {
      io.use((_socket, next) => (note(), next()));
      await connect('a');
      return noted();
    },
  },
  {
    name: 'a middleware after a second socketIoLane, which follows a callback from another context',
    play: async ({ io, connect, note, noted, middleware }) => {
      io.use((_socket, next) => later(next));
      io.use(middleware);
      io.use((_socket, next) => (note(), next()));
      await connect('a');
      return noted();
    },
  },
  ...(['connection', 'connect'] as const).map((event) => ({
    name: `the ${event} event`,
    play: async ({ io, connect, note, noted }: Scene) => {
      io.on(event, note);
      await connect('a');
      return noted();
    },
  })),
  {
    name: 'connection, when a middleware calls next from another context',
    play: async ({ io, connect, note, noted }) => {
      io.use((_socket, next) => later(next));
      io.on('connection', note);
      await connect('a');
      return noted();
    },
  },
  {
    name: 'connection without a lane',
    expected: 'baseline',
    play: async ({ io, connect, note, noted }) => {
      io.on('connection', note);
      await connect();
      return noted();
    },
  },
];

const events: readonly Row[] = [
  { name: 'on', play: (scene) => playEvent(scene, (socket) => socket.on('go', scene.note)) },
  { name: 'once', play: (scene) => playEvent(scene, (socket) => socket.once('go', scene.note)) },
  { name: 'onAny', play: (scene) => playEvent(scene, (socket) => socket.onAny(scene.note)) },
  { name: 'prependAny', play: (scene) => playEvent(scene, (socket) => socket.prependAny(scene.note)) },
  {
    name: 'on without a lane',
    expected: 'baseline',
    play: async ({ io, connect, note, noted }) => {
      io.on('connection', (socket) => void socket.on('go', note));
      (await connect()).emit('go');
      return noted();
    },
  },
  {
    name: 'a binary event',
    play: async ({ io, connect, note, noted }) => {
      io.on('connection', (socket) => void socket.on('go', note));
      (await connect('a')).emit('go', Buffer.from([1, 2, 3]));
      return noted();
    },
  },
  {
    name: 'socket.use',
    play: (scene) => playEvent(scene, (socket) => void socket.use((_event, next) => (scene.note(), next()))),
  },
  {
    name: 'socket.use after one that calls next from another context',
    play: (scene) =>
      playEvent(scene, (socket) => {
        socket.use((_event, next) => later(next)).use((_event, next) => (scene.note(), next()));
      }),
  },
  {
    name: 'on, after a socket.use that calls next from another context',
    play: (scene) =>
      playEvent(scene, (socket) => void socket.use((_event, next) => later(next)).on('go', scene.note)),
  },
  {
    name: 'on, after a socket.use that was registered before socketIoLane',
    play: (scene) =>
      playEarly(scene, (socket) => {
        socket.use((_event, next) => later(next)).on('go', scene.note);
      }),
  },
  {
    name: 'a second socket.use, both registered before socketIoLane',
    play: (scene) =>
      playEarly(scene, (socket) => {
        socket.use((_event, next) => later(next)).use((_event, next) => (scene.note(), next()));
      }),
  },
  {
    name: 'on, before socketIoLane',
    play: (scene) => playEarly(scene, (socket) => socket.on('go', scene.note)),
  },
  {
    name: 'onAny, before socketIoLane',
    play: (scene) => playEarly(scene, (socket) => socket.onAny(scene.note)),
  },
  {
    name: 'error, after a socket.use that refuses the event',
    play: (scene) =>
      playEvent(scene, (socket) => {
        socket.use((_event, next) => later(() => next(new Error('refused')))).on('error', scene.note);
      }),
  },
  {
    name: 'error, after a packet that cannot be read',
    play: async ({ io, connect, note, noted }) => {
      io.on('connection', (socket) => void socket.on('error', note));
      (await connect('a')).io.engine.write('9 is no packet type');
      return noted();
    },
  },
];

const outgoing: readonly Row[] = [
  ...(['onAnyOutgoing', 'prependAnyOutgoing'] as const).map((listen) => ({
    name: `${listen} for a socket.emit from another lane`,
    since: 4.5 as const,
    play: async ({ io, connect, note, noted }: Scene) => {
      io.on('connection', (socket) => {
        socket[listen](note);
        lanes.run(CALLER, () => socket.emit('news'));
      });
      await connect('a');
      return noted();
    },
  })),
  {
    name: 'onAnyOutgoing for a broadcast from another lane',
    since: 4.5,
    play: async ({ io, connect, note, noted }) => {
      io.on('connection', (socket) => void socket.onAnyOutgoing(note));
      await connect('a');
      lanes.run(CALLER, () => io.emit('news'));
      return noted();
    },
  },
  {
    name: 'the code after an emit to a socket of another lane stays in its lane',
    expected: 'caller',
    play: async ({ io, connect }) => {
      const connected = new Promise<Socket>((resolve) => void io.on('connection', resolve));
      await connect('a');
      const socket = await connected;
      return lanes.run(CALLER, () => (socket.emit('news'), whereAmI()));
    },
  },
  {
    name: 'a broadcast from a start-up timer stays at the baseline',
    expected: 'baseline',
    play: async ({ io, connect }) => {
      await connect('a');
      return new Promise((resolve) => setTimeout(() => (io.emit('okok'), resolve(whereAmI())), 1));
    },
  },
];

/** Connections, middlewares and events in either direction. */
export const EVENT_ROWS: readonly Row[] = [...connections, ...events, ...outgoing];
