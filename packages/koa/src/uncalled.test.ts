import { createServer } from 'node:http';
import { close, listen } from '@laneway/testing';
import { expect, test } from 'vitest';
import { koaLane } from './index.js';
import { versions } from './versions.fixture.js';

test.each(versions)(
  '%s: middleware that was not called throws an error that says what to write',
  async (_name, Framework) => {
    const app = new Framework();
    app.use(koaLane as never);
    const errors: unknown[] = [];
    app.on('error', (error) => errors.push(error));
    const listener = app.callback();
    const server = createServer((request, response) => void listener(request, response));
    const address = `http://127.0.0.1:${await listen(server)}/`;
    expect([(await fetch(address)).status, (await fetch(address)).status]).toEqual([500, 500]);
    await close(server);
    const expected = expect.objectContaining({
      code: 'ERR_LANEWAY_ADAPTER',
      message:
        'koaLane was called with a context instead of lanes. Write app.use(koaLane()), or app.use(koaLane(lanes)), ' +
        'instead of app.use(koaLane).',
    }) as unknown;
    expect(errors).toEqual([expected, expected]);
  },
);
