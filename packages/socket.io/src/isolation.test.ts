import { setImmediate, setTimeout } from 'node:timers/promises';
import { afterEach, expect, test } from 'vitest';
import { lanes, openScene, type Scene, TRANSPORTS } from './socket-io-lane.fixture.js';

const LANES = 50;
const ROUNDS = 12;
// A threshold of zero compresses every message: then ws runs the jobs of one connection in the callbacks of another.
const COMPRESSION = { perMessageDeflate: { threshold: 0 }, httpCompression: { threshold: 0 } };
const TEXT = 'a text that is worth compressing, '.repeat(40);

const WAITS: readonly (() => unknown)[] = [
  () => Promise.resolve(),
  () => setImmediate(),
  () => setTimeout(1),
  () => new Promise((resolve) => process.nextTick(resolve)),
  () => Promise.all([setImmediate(), Promise.resolve()]),
  () => Promise.reject(new Error('expected')).catch(() => undefined),
];

let scene: Scene | undefined;
afterEach(async () => scene?.close());

test.each(Object.keys(TRANSPORTS) as (keyof typeof TRANSPORTS)[])(
  '50 lanes interleaved over 50 sockets, none wrong: %s',
  async (transport) => {
    scene = await openScene({ server: 'highest', transport, options: COMPRESSION });
    const { io, connect } = scene;
    const names = (seen: Set<string>): string => [...seen].join(' then ');

    io.on('connection', (socket) => {
      socket.on('work', async (round: number, _text: string, answer: (seen: string) => void) => {
        const seen = new Set([lanes.current().name ?? 'baseline']);
        const look = (): unknown => seen.add(lanes.current().name ?? 'baseline');
        for (let step = 0; step < WAITS.length; step++) {
          await WAITS[(round + step) % WAITS.length]?.();
          look();
        }
        await socket.emitWithAck('check', TEXT);
        look();
        await new Promise((resolve) => {
          socket.emit('check', TEXT, () => resolve(look()));
        });
        // All sockets answer; the last answer comes from another lane.
        if (round % 10 === 0) {
          await new Promise((resolve) => {
            io.timeout(20_000).emit('check', TEXT, () => resolve(look()));
          });
        }
        answer(names(seen));
      });
    });

    const expected = Array.from({ length: LANES }, (_, index) =>
      index === 0 ? 'baseline' : `lane-${index}`,
    );
    const clients = await Promise.all(
      expected.map((name) => connect(name === 'baseline' ? undefined : name)),
    );
    for (const client of clients) {
      client.on('check', (_text: string, answer: (ok: boolean) => void) => answer(true));
    }
    for (let round = 0; round < ROUNDS; round++) {
      const answers = await Promise.all(clients.map((client) => client.emitWithAck('work', round, TEXT)));
      expect(answers).toEqual(expected);
    }
    expect(lanes.current().name).toBeUndefined();
  },
);
