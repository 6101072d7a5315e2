import { afterEach, describe, expect, test } from 'vitest';
import {
  ask,
  CLIENTS,
  inLane,
  laneName,
  openScene,
  type Scene,
  TRANSPORTS,
} from './lane-socket-io.fixture.js';

let scene: Scene | undefined;
afterEach(async () => scene?.close());

const names = Array.from({ length: 50 }, (_, index) => (index === 0 ? 'baseline' : `lane-${index}`));

test('the problem: over a shared client of socket.io every request is in the lane of its opener', async () => {
  scene = await openScene();
  const { url } = scene;
  const socket = inLane('opener', () =>
    CLIENTS.highest(url, { transports: ['websocket'], extraHeaders: { version: laneName() } }),
  );
  const seen = await Promise.all(names.map((name) => inLane(name, () => ask(socket, 'where'))));
  socket.disconnect();
  expect(new Set(seen)).toEqual(new Set(['opener']));
});

for (const client of Object.keys(CLIENTS) as (keyof typeof CLIENTS)[]) {
  describe.each(Object.keys(TRANSPORTS) as (keyof typeof TRANSPORTS)[])(
    `${client} version, %s`,
    (transport) => {
      test('50 lanes over one wrapped socket, opened by a request: none is wrong', async () => {
        scene = await openScene({ client, transport });
        const { open, handshakes } = scene;
        const socket = inLane('opener', () => open());
        for (let round = 0; round < 3; round++) {
          const seen = await Promise.all(
            names.map((name) =>
              inLane(name, async () => {
                const answer = await ask(socket, 'where');
                return `${answer}, back in ${laneName()}`;
              }),
            ),
          );
          expect(seen).toEqual(names.map((name) => `${name}, back in ${name}`));
        }
        expect(handshakes.toSorted()).toEqual([...names, 'opener'].toSorted());
      });
    },
  );
}
