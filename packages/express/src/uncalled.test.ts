import { createServer } from 'node:http';
import { close, listen } from '@laneway/testing';
import express from 'express';
import express4 from 'express-4';
import { expect, test } from 'vitest';
import { expressLane } from './index.js';

test.each([
  ['express 5', express],
  ['express 4', express4],
])('%s: middleware that was not called throws an error that says what to write', async (_, framework) => {
  const app = framework();
  app.use(expressLane as never);
  const errors: unknown[] = [];
  app.use(((error, _request, response, _next) => {
    errors.push(error);
    response.status(500).send();
  }) as express.ErrorRequestHandler);
  const server = createServer(app);
  expect((await fetch(`http://127.0.0.1:${await listen(server)}/`)).status).toBe(500);
  await close(server);
  expect(errors).toEqual([
    expect.objectContaining({
      code: 'ERR_LANEWAY_ADAPTER',
      message:
        'expressLane was called with a request instead of lanes. Write app.use(expressLane()), or app.use(expressLane(lanes)), ' +
        'instead of app.use(expressLane).',
    }),
  ]);
});
