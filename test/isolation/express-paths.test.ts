import { createServer, type Server } from 'node:http';
import { expressLane } from '@laneway/express';
import { close, contractLanes, laneHeaders, listen, takeTurns } from '@laneway/testing';
import express from 'express';
import express4 from 'express-4';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';

const lanes = contractLanes();
const name = (): string => lanes.current().name ?? 'baseline';

describe.each([
  ['express 5', express],
  ['express 4', express4],
])('every handler of %s runs in the lane of its request', (version, framework) => {
  let server: Server;
  let url: string;
  beforeEach(async () => {
    const app = framework();
    // Created and mounted in a lane that no request may run in.
    lanes.run(lanes.capture(laneHeaders('starter')), () => build(app, framework));
    server = createServer(app);
    url = `http://127.0.0.1:${await lanes.run(lanes.capture(laneHeaders('starter')), () => listen(server))}`;
  });
  afterEach(() => close(server));

  const paths = ['/param/7', '/route', '/nested/deep', '/throws', '/late', '/json', '/missing'];
  if (version === 'express 5') paths.push('/rejects');

  test.each(paths)('%s', async (path) => {
    const expected = Array.from({ length: 24 }, (_, index) => (index % 3 === 0 ? 'baseline' : `v${index}`));
    const answers = expected.map(async (lane) => {
      const answer = await fetch(url + path, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...(lane === 'baseline' ? {} : laneHeaders(lane)) },
        body: JSON.stringify({ pad: 'x'.repeat(2000) }),
      });
      return [...new Set((await answer.text()).split(' '))].join(' ');
    });
    expect(await Promise.all(answers)).toEqual(expected);
  });
});

function build(app: express.Express, framework: typeof express): void {
  app.use(expressLane(lanes));
  app.use(framework.static(import.meta.dirname));
  app.param('id', (_request, response, next) => {
    response.locals.seen = name();
    setImmediate(next);
  });
  app.post('/param/:id', (_request, response) => void response.send(`${response.locals.seen} ${name()}`));
  app.post(
    '/route',
    (_request, response, next) => {
      response.locals.seen = name();
      setTimeout(next, 1, 'route');
    },
    (_request, response) => void response.send('never'),
  );
  app.post('/route', (_request, response) => void response.send(`${response.locals.seen} ${name()}`));
  const router = framework.Router();
  router.use((_request, _response, next) => process.nextTick(next));
  router.post('/deep', (_request, response) => void response.send(name()));
  app.use('/nested', router);
  app.post('/json', framework.json(), (request, response) => {
    response.send(request.body.pad === undefined ? 'no body' : name());
  });
  app.post('/throws', () => {
    throw new Error(name());
  });
  app.post('/late', (_request, _response, next) => void setTimeout(() => next(new Error(name())), 1));
  app.post('/rejects', async () => {
    await takeTurns(2);
    throw new Error(name());
  });
  app.use((_request, response) => void response.status(404).send(name()));
  app.use(((error: Error, _request, response, _next) => {
    setImmediate(() => response.status(500).send(`${error.message} ${name()}`));
  }) as express.ErrorRequestHandler);
}
