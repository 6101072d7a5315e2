import { takeTurns } from '@laneway/testing';
import { afterEach, expect, test } from 'vitest';
import type { WebSocket } from 'ws';
import { lanes, MODES, name, openScene, type Scene, VERSIONS } from './ws-lane.fixture.js';

const CONNECTIONS = 50;
const MESSAGES = 500;
const TEXT = 'a text that is worth compressing, '.repeat(40);
// ws then runs the compression jobs of one connection in the callbacks of another.
const perMessageDeflate = { threshold: 0, concurrencyLimit: 1 };

let scene: Scene | undefined;
afterEach(() => scene?.close());

const rows = (Object.keys(VERSIONS) as (keyof typeof VERSIONS)[]).flatMap((version) =>
  MODES.map((mode) => ({ version, mode })),
);

test.each(rows)(
  'permessage-deflate with one job at a time, 50 lanes, none of 500 messages wrong, lost or leaked: $version version, $mode',
  async ({ version, mode }) => {
    scene = await openScene({ version, mode, options: { perMessageDeflate } });
    const { wss, connect } = scene;
    const answer = async (socket: WebSocket, index: number): Promise<void> => {
      const seen = new Set([name()]);
      await takeTurns(index);
      seen.add(name());
      // The callback continues the code that sent, whose message waits for the jobs of other connections.
      socket.send(TEXT, () => {
        seen.add(name());
        socket.send([...seen].join(' then '));
      });
    };
    wss.on('connection', (socket) =>
      socket.on('message', (data: Buffer) => void answer(socket, Number.parseInt(data.toString(), 10))),
    );
    const expected = Array.from({ length: CONNECTIONS }, (_, index) =>
      index % 5 === 0 ? 'baseline' : `v${index}`,
    );
    const clients = await Promise.all(
      expected.map((lane) => connect(lane === 'baseline' ? undefined : lane)),
    );
    const wrong: string[] = [];
    let count = 0;
    await new Promise<void>((done) => {
      clients.forEach((client, index) =>
        client.on('message', (data: Buffer) => {
          const seen = data.toString();
          if (seen === TEXT) return;
          if (seen !== expected[index]) wrong.push(`${expected[index]}: ${seen}`);
          if (++count === MESSAGES) done();
        }),
      );
      for (let i = 0; i < MESSAGES; i++) clients[i % CONNECTIONS]?.send(`${i} ${TEXT}`);
    });
    expect(wrong).toEqual([]);
    expect(lanes.current().name).toBeUndefined();
  },
);
