import { setTimeout } from 'node:timers/promises';
import { afterEach, describe, expect, test } from 'vitest';
import { ask, CLIENTS, inLane, laneName, lanes, openScene, type Scene } from './lane-socket-io.fixture.js';
import { laneSocketIo } from './index.js';

let scene: Scene | undefined;
afterEach(async () => scene?.close());

describe.each(Object.keys(CLIENTS) as (keyof typeof CLIENTS)[])('%s version', (client) => {
  test('an idle connection closes, the baseline stays, and the next emit opens it again', async () => {
    scene = await openScene({ client, settings: { idleTimeout: 30 } });
    const socket = scene.open();
    const ended: string[] = [];
    socket.on('disconnect', (reason) => ended.push(`${laneName()}: ${reason}`));
    await Promise.all(['a', 'b', 'baseline'].map((name) => inLane(name, () => ask(socket, 'where'))));
    await scene.untilOpen('baseline');
    expect(ended.toSorted()).toEqual(['a: io client disconnect', 'b: io client disconnect']);
    expect(inLane('a', () => socket.connected)).toBe(false);
    expect(await inLane('a', () => ask(socket, 'where'))).toBe('a');
    expect(scene.handshakes.toSorted()).toEqual(['a', 'a', 'b', 'baseline']);
  });

  test('a connection that waits for an acknowledgement or owes a reply is not idle', async () => {
    scene = await openScene({ client, settings: { idleTimeout: 50 } });
    const answers: ((text: string) => void)[] = [];
    const replied = new Promise((resolve) => {
      scene?.onSocket((there) => {
        there.on('later', (answer: (text: string) => void) => void answers.push(answer));
        // The question arrives before the answer, so the connection is busy all the time.
        there.on('go', (answer: () => void) => {
          there.emit('ask', resolve);
          answer();
        });
      });
    });
    const socket = scene.open();
    const answer = inLane('a', () => ask(socket, 'later'));
    const asked = new Promise<(text: string) => void>((resolve) => void socket.on('ask', resolve));
    inLane('b', () => socket.emit('go', () => {}));
    const reply = await asked;
    // The idle timer of a third connection shows that the time of all is over.
    await inLane('c', () => ask(socket, 'where'));
    await scene.untilOpen('a', 'b', 'baseline');
    await setTimeout(120);
    await scene.untilOpen('a', 'b', 'baseline');
    answers[0]?.('answered');
    reply('replied');
    expect(await Promise.all([answer, replied])).toEqual(['answered', 'replied']);
    await scene.untilOpen('baseline');
  });

  test('at the limit the least recently used idle connection closes', async () => {
    scene = await openScene({ client, settings: { maxConnections: 2 } });
    const socket = scene.open();
    for (const name of ['a', 'b', 'a', 'c']) await inLane(name, () => ask(socket, 'where'));
    await scene.untilOpen('a', 'baseline', 'c');
    expect(scene.handshakes).toEqual(['baseline', 'a', 'b', 'c']);
  });

  test('if none is idle, a further lane waits, and loses nothing', async () => {
    scene = await openScene({ client, settings: { maxConnections: 2 } });
    const answers: ((text: string) => void)[] = [];
    const asked = new Promise<void>((resolve) => {
      scene?.onSocket((there) => {
        there.on('later', (answer: (text: string) => void) => answers.push(answer) === 2 && resolve());
      });
    });
    const socket = scene.open();
    const busy = ['a', 'b'].map((name) => inLane(name, () => ask(socket, 'later')));
    const waiting = ['c', 'd'].map((name) => inLane(name, () => ask(socket, 'where')));
    await scene.untilOpen('a', 'b', 'baseline');
    await ask(socket, 'where');
    expect(scene.handshakes.toSorted()).toEqual(['a', 'b', 'baseline']);
    await asked;
    for (const answer of answers) answer('done');
    expect(await Promise.all([...busy, ...waiting])).toEqual(['done', 'done', 'c', 'd']);
  });

  test('200 lanes over 3 connections: each event arrives once, in its lane, without acknowledgements too', async () => {
    scene = await openScene({ client, settings: { maxConnections: 3 } });
    const seen = new Map<string, number>();
    const expected = Array.from({ length: 400 }, (_, index) => `lane-${index % 200} ${index}`);
    const all = new Promise<void>((resolve) => {
      scene?.onSocket((there) => {
        there.on('count', (index: number) => {
          const key = `${laneName()} ${index}`;
          seen.set(key, (seen.get(key) ?? 0) + 1);
          if (seen.size === expected.length) resolve();
        });
      });
    });
    const socket = scene.open();
    expected.forEach((_, index) => inLane(`lane-${index % 200}`, () => socket.emit('count', index)));
    await all;
    expect([...seen.keys()].toSorted()).toEqual(expected.toSorted());
    expect(new Set(seen.values())).toEqual(new Set([1]));
  });
});

test('a wait at the limit ends with its timeout, and its connection is not opened later', async () => {
  scene = await openScene({ settings: { maxConnections: 1 } });
  const socket = scene.open();
  let answer: (text: string) => void = () => {};
  const asked = new Promise<void>((resolve) => {
    scene?.onSocket((there) => {
      there.on('later', (reply: (text: string) => void) => {
        answer = reply;
        resolve();
      });
    });
  });
  const busy = inLane('a', () => ask(socket, 'later'));
  await asked;
  await expect(inLane('b', () => socket.timeout(20).emitWithAck('where'))).rejects.toThrow('timed out');
  answer('done');
  await busy;
  expect(await inLane('a', () => ask(socket, 'where'))).toBe('a');
  expect(scene.handshakes).toEqual(['baseline', 'a']);
});

test('wrong arguments are refused', () => {
  const io = CLIENTS.highest;
  expect(() => laneSocketIo({} as never, lanes)).toThrow(
    'laneSocketIo received an object, not io of socket.io-client',
  );
  expect(() => laneSocketIo(io, {} as never)).toThrow('not lanes');
  expect(() => laneSocketIo(io, lanes, { idleTimeout: '5s' as never })).toThrow(
    'idleTimeout 5s. Pass milliseconds',
  );
  expect(() => laneSocketIo(io, lanes, { maxConnections: 0 })).toThrow(
    'maxConnections 0. Pass a number of at least 1',
  );
});
