import { afterEach, describe, expect, test } from 'vitest';
import { ACK_ROWS } from './ack-rows.fixture.js';
import { END_ROWS } from './end-rows.fixture.js';
import { EVENT_ROWS } from './event-rows.fixture.js';
import { NAMESPACE_ROWS } from './namespace-rows.fixture.js';
import { openScene, type Scene, SERVERS, TRANSPORTS } from './socket-io-lane.fixture.js';

const ROWS = [...EVENT_ROWS, ...ACK_ROWS, ...END_ROWS, ...NAMESPACE_ROWS];
const OLDEST = 4.0;

let scene: Scene | undefined;
afterEach(async () => scene?.close());

for (const server of Object.keys(SERVERS) as (keyof typeof SERVERS)[]) {
  for (const transport of Object.keys(TRANSPORTS) as (keyof typeof TRANSPORTS)[]) {
    describe(`${server} version, ${transport}`, () => {
      const rows = ROWS.filter(({ since = OLDEST }) => server === 'highest' || since === OLDEST);
      test.each(rows)('$name', async ({ expected = 'a', options = {}, play }) => {
        scene = await openScene({ server, transport, options });
        expect(await play(scene)).toBe(expected);
      });
    });
  }
}
