import { once } from 'node:events';
import { AsyncLocalStorage } from 'node:async_hooks';
import { createServer } from 'node:http';
import { close, listen } from '@laneway/testing';
import { afterEach, describe, expect, test } from 'vitest';
import {
  ask,
  CLIENTS,
  inLane,
  laneName,
  lanes,
  next,
  openScene,
  type Scene,
  TRANSPORTS,
} from './lane-socket-io.fixture.js';
import { laneSocketIo } from './index.js';

let scene: Scene | undefined;
afterEach(async () => scene?.close());

type Handled = Map<string, number>;

/** Counts what arrives by lane and number. */
function count({ onSocket }: Scene): Handled {
  const handled: Handled = new Map();
  onSocket((socket) => {
    socket.on('count', (id: string, answer?: (id: string) => void) => {
      const key = `${id} ${laneName()}`;
      handled.set(key, (handled.get(key) ?? 0) + 1);
      answer?.(id);
    });
  });
  return handled;
}

for (const client of Object.keys(CLIENTS) as (keyof typeof CLIENTS)[]) {
  describe.each(Object.keys(TRANSPORTS) as (keyof typeof TRANSPORTS)[])(
    `${client} version, %s`,
    (transport) => {
      test('what is emitted before and between connections arrives once, in order, in its lane', async () => {
        scene = await openScene({ client, transport });
        const handled = count(scene);
        const socket = scene.open();
        const names = ['a', 'b', 'baseline'];
        const expected: string[] = [];
        const emit = (round: string): void => {
          for (let i = 0; i < 5; i++)
            for (const name of names) {
              expected.push(`${name}-${round}-${i} ${name}`);
              inLane(name, () => socket.emit('count', `${name}-${round}-${i}`));
            }
        };
        const settle = (): Promise<unknown> =>
          Promise.all(names.map((name) => inLane(name, () => ask(socket, 'where'))));
        emit('connecting');
        emit('connecting too');
        await settle();
        for (let round = 0; round < 3; round++) {
          let gone = 0;
          const lost = new Promise<void>((resolve) => {
            socket.on('disconnect', () => ++gone === names.length && resolve());
          });
          for (const there of scene.server.sockets.sockets.values()) there.conn.close();
          await lost;
          socket.off('disconnect');
          // Emitted in its own lane, while the timer of the reconnection is due.
          emit(`lost ${round}`);
          await settle();
        }
        expect([...handled.keys()].toSorted()).toEqual(expected.toSorted());
        expect(new Set(handled.values())).toEqual(new Set([1]));
        for (const name of names) {
          const inOrder = (keys: Iterable<string>): string[] =>
            [...keys].filter((key) => key.endsWith(` ${name}`));
          expect(inOrder(handled.keys())).toEqual(inOrder(expected));
        }
        expect(scene.handshakes.length).toBe(names.length * 4);
        for (const name of names) expect(scene.handshakes.filter((each) => each === name).length).toBe(4);
      });

      test('autoConnect: false and disconnect() buffer until connect()', async () => {
        scene = await openScene({ client, transport });
        const handled = count(scene);
        const socket = scene.open({ autoConnect: false });
        inLane('a', () => socket.emit('count', 'before'));
        expect([socket.active, inLane('a', () => socket.active)]).toEqual([false, false]);
        socket.connect();
        expect(await inLane('a', () => ask(socket, 'where'))).toBe('a');
        socket.close();
        expect(inLane('a', () => [socket.connected, socket.disconnected, socket.id])).toEqual([
          false,
          true,
          undefined,
        ]);
        inLane('a', () => socket.emit('count', 'closed'));
        inLane('a', () => socket.connect());
        expect(await inLane('a', () => ask(socket, 'where'))).toBe('a');
        expect(handled).toEqual(
          new Map([
            ['before a', 1],
            ['closed a', 1],
          ]),
        );
      });
    },
  );

  test(`${client} version: a server that ends a socket gets the next emit on a new one`, async () => {
    scene = await openScene({ client });
    const handled = count(scene);
    const socket = scene.open();
    await inLane('a', () => ask(socket, 'where'));
    const ended = next(socket, 'disconnect');
    for (const there of scene.server.sockets.sockets.values())
      if (there.handshake.headers.version === 'a') there.disconnect(true);
    expect(await ended).toBe('io server disconnect');
    expect(await inLane('a', () => ask(socket, 'count', 'again'))).toBe('again');
    expect([...handled]).toEqual([['again a', 1]]);
  });

  test(`${client} version: a server that refuses a lane is asked again by connect()`, async () => {
    scene = await openScene({ client });
    let attempts = 0;
    scene.server
      .of('/late')
      .use((_there, decide) => decide(++attempts === 1 ? new Error('later') : undefined));
    scene.server.of('/late').on('connection', (there) => {
      there.on('hello', (answer: (text: string) => void) => answer('hello'));
    });
    const socket = scene.open({ autoConnect: false }, '/late');
    const answer = inLane('a', () => ask(socket, 'hello'));
    const refused = next<Error>(socket, 'connect_error');
    inLane('a', () => socket.connect());
    expect((await refused).message).toBe('later');
    inLane('a', () => socket.volatile.emit('hello', () => {}));
    expect(attempts).toBe(1);
    inLane('a', () => socket.connect());
    expect([await answer, attempts]).toEqual(['hello', 2]);
  });
}

test('reconnections start in no context of the request that opened the connection', async () => {
  scene = await openScene();
  const store = new AsyncLocalStorage<string>();
  const socket = scene.open();
  const seen: string[] = [];
  socket.io.on('reconnect_attempt', () => seen.push(laneName()));
  await inLane('a', () => ask(socket, 'where'));
  await store.run('b', () => inLane('b', () => ask(socket, 'where')));
  const again = once(scene.server, 'connection');
  for (const there of scene.server.sockets.sockets.values())
    if (there.handshake.headers.version === 'a') inLane('b', () => there.conn.close());
  await again;
  expect([seen, scene.handshakes]).toEqual([['a'], ['baseline', 'a', 'b', 'a']]);
});

test('with retries, what is in flight when the connection breaks arrives', async () => {
  scene = await openScene();
  const broken = new Set<string>();
  scene.onSocket((there) => {
    there.on('fragile', (id: string, answer: (id: string) => void) => {
      if (broken.has(id)) return answer(id);
      broken.add(id);
      there.conn.close();
    });
  });
  const socket = scene.open({ retries: 5, ackTimeout: 2000 });
  await inLane('a', () => new Promise((resolve) => void socket.emit('fragile', 'x', resolve)));
  await inLane('b', () => new Promise((resolve) => void socket.emit('fragile', 'y', resolve)));
  expect([broken, scene.handshakes.filter((name) => name !== 'baseline')]).toEqual([
    new Set(['x', 'y']),
    ['a', 'a', 'b', 'b'],
  ]);
});

test('a server that is not there yet: everything arrives when it is', async () => {
  const reserved = createServer();
  const port = await listen(reserved);
  await close(reserved);
  const io = laneSocketIo(CLIENTS.highest, lanes, { idleTimeout: 1 });
  const socket = io(`http://127.0.0.1:${port}`, { reconnectionDelay: 5, reconnectionDelayMax: 20 });
  const answers = ['a', 'b'].map((name) => inLane(name, () => ask(socket, 'where')));
  await new Promise<void>((resolve) => {
    const errors = new Set<string>();
    socket.on('connect_error', () => errors.add(laneName()).size === 3 && resolve());
  });
  const http = createServer();
  const { Server } = await import('socket.io');
  const { socketIoLane } = await import('@laneway/socket.io');
  const server = new Server(http);
  server.use(socketIoLane(lanes));
  server.on('connection', (there) => {
    there.on('where', (answer: (name: string) => void) => answer(laneName()));
  });
  http.listen(port, '127.0.0.1');
  expect(await Promise.all(answers)).toEqual(['a', 'b']);
  socket.disconnect();
  await server.close();
});
