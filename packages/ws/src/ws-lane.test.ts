import { afterEach, describe, expect, test } from 'vitest';
import { SERVER_ROWS } from './server-rows.fixture.js';
import { SOCKET_ROWS } from './socket-rows.fixture.js';
import { MODES, openScene, type Scene, VERSIONS } from './ws-lane.fixture.js';

let scene: Scene | undefined;
afterEach(() => scene?.close());

for (const version of Object.keys(VERSIONS) as (keyof typeof VERSIONS)[]) {
  for (const mode of MODES) {
    describe(`${version} version, ${mode}`, () => {
      const rows = [...SERVER_ROWS, ...SOCKET_ROWS];
      test.each(rows.filter(({ newestOnly }) => version === 'highest' || !newestOnly))(
        '$name',
        async ({ expected = 'a', options = {}, play }) => {
          scene = await openScene({ version, mode, options });
          expect(await play(scene)).toBe(expected);
        },
      );
    });
  }
}
