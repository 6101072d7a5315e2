import { takeTurns } from '@laneway/testing';
import { afterEach, expect, test } from 'vitest';
import {
  CLIENTS,
  inLane,
  laneName,
  onLoopback,
  openScene,
  type Scene,
  TRANSPORTS,
} from './lane-socket-io.fixture.js';

const LANES = 100;
const EMITS = 30;
// A threshold of zero compresses every message: then ws runs the jobs of one connection in the callbacks of another.
const COMPRESSION = { perMessageDeflate: { threshold: 0 }, httpCompression: { threshold: 0 } };

let scene: Scene | undefined;
afterEach(async () => scene?.close());

/** What the server saw of one emit: the lanes of its handler. An emit in flight when its connection broke may be missing. */
type Handled = Map<string, string[]>;

function handle({ onSocket }: Scene): Handled {
  const handled: Handled = new Map();
  onSocket((there) => {
    there.on('work', async (id: string, answer: (name: string) => void) => {
      handled.set(id, [...(handled.get(id) ?? []), laneName()]);
      await takeTurns(id.length);
      answer(laneName());
      there.emit('done', id);
    });
  });
  return handled;
}

const names = Array.from({ length: LANES }, (_, index) => (index === 0 ? 'baseline' : `lane-${index}`));

test.each(Object.keys(TRANSPORTS) as (keyof typeof TRANSPORTS)[])(
  '100 lanes, 3,000 emits, the server breaks connections: wrong 0, lost 0, doubled 0, leaked 0: %s',
  async (transport) => {
    scene = await openScene({ transport, server: COMPRESSION });
    const handled = handle(scene);
    const { server, io, port } = scene;
    const socket = scene.open();
    const external = io(`http://external.example:${port}`, {
      transports: TRANSPORTS[transport],
      agent: onLoopback(),
      reconnectionDelay: 5,
    });
    const wrong: string[] = [];
    const check = (what: string, expected: string, seen: string): void => {
      if (expected !== seen) wrong.push(`${what} of ${expected} in ${seen}`);
    };
    const laneOf = (id: string): string =>
      id.startsWith('external') ? 'baseline' : (id.split(' ')[0] ?? '');
    for (const each of [socket, external])
      each.on('done', (id: string) => check('done', laneOf(id), laneName()));

    /** Emits until the emit is answered. Returns how often the connection broke under it. */
    const work = async (each: typeof socket, lane: string, id: string): Promise<number> => {
      for (let broken = 0; ; broken++) {
        try {
          const answer = (await each.emitWithAck('work', `${id} ${broken}`)) as string;
          check('handler', laneOf(id), answer);
          check('answer', lane, laneName());
          return broken;
        } catch {
          check('error', lane, laneName());
        }
      }
    };
    // Every fifth connection breaks, several times, while emits are in flight.
    let emits = 0;
    const breakSome = (): void => {
      if (++emits % 500 !== 0) return;
      [...server.sockets.sockets.values()].forEach((there, index) => index % 5 === 0 && there.conn.close());
    };
    scene.onSocket((there) => void there.on('work', breakSome));
    const broken = await Promise.all(
      names.flatMap((lane) =>
        Array.from({ length: EMITS }, (_, index) =>
          inLane(lane, async () => {
            await takeTurns(index + lane.length);
            return index % 10 === 0
              ? work(external, lane, `external ${lane} ${index}`)
              : work(socket, lane, `${lane} ${index}`);
          }),
        ),
      ),
    );
    external.disconnect();
    const seen = [...handled].map(([id, lanesSeen]) => [laneOf(id), lanesSeen] as const);
    expect(wrong).toEqual([]);
    expect(seen.filter(([lane, lanesSeen]) => lanesSeen.some((name) => name !== lane))).toEqual([]);
    // Doubled: one emit is handled once. Lost: the application repeats only what socket.io reports as in flight.
    expect(seen.filter(([, lanesSeen]) => lanesSeen.length !== 1)).toEqual([]);
    const attempts = broken.reduce((sum, count) => sum + count + 1, 0);
    expect(handled.size).toBeLessThanOrEqual(attempts);
    expect(handled.size).toBeGreaterThanOrEqual(LANES * EMITS);
    expect(scene.handshakes.length).toBeGreaterThan(LANES);
    expect(broken.length).toBe(LANES * EMITS);
  },
  60_000,
);

test.each(Object.keys(CLIENTS) as (keyof typeof CLIENTS)[])(
  '100 lanes emit while all connections are broken: everything arrives once: %s version',
  async (client) => {
    scene = await openScene({ client });
    const handled = handle(scene);
    const { server } = scene;
    const socket = scene.open();
    const emitAll = (round: number): Promise<string[]> =>
      Promise.all(
        names.map((lane) =>
          inLane(
            lane,
            () => new Promise<string>((resolve) => socket.emit('work', `${lane} ${round}`, resolve)),
          ),
        ),
      );
    expect(await emitAll(0)).toEqual(names);
    for (let round = 1; round <= 5; round++) {
      let gone = 0;
      const broken = new Promise<void>((resolve) => {
        socket.on('disconnect', () => ++gone === LANES && resolve());
      });
      for (const there of server.sockets.sockets.values()) there.conn.close();
      await broken;
      socket.off('disconnect');
      expect(await emitAll(round)).toEqual(names);
    }
    expect(handled.size).toBe(LANES * 6);
    expect([...handled].filter(([id, seen]) => seen.join() !== id.split(' ')[0])).toEqual([]);
    expect(scene.handshakes.length).toBe(LANES * 6);
  },
  30_000,
);
