import { expect, test } from 'vitest';
import { fastifyLane } from './index.js';
import { versions } from './versions.fixture.js';

test.each(versions)(
  '%s: a plugin that was not called fails with an error that says what to write',
  async (_name, framework) => {
    for (const options of [undefined, { lanes: {} }]) {
      const app = framework();
      void app.register(fastifyLane as never, options as never);
      await expect(app.ready()).rejects.toMatchObject({
        code: 'ERR_LANEWAY_ADAPTER',
        message:
          'fastifyLane was called with a fastify instance instead of lanes. Write app.register(fastifyLane()), or ' +
          'app.register(fastifyLane(lanes)), instead of app.register(fastifyLane).',
      });
      await app.close().catch(() => {});
    }
  },
);
