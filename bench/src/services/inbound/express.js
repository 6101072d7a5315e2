import { createServer } from 'node:http';
import { expressLane } from '@laneway/express';
import express from 'express';

function serve(answer, middleware) {
  const app = express();
  if (middleware) app.use(middleware);
  app.get('/hello', async (request, response) => {
    response.send(await answer(request.headers));
  });
  return createServer(app);
}

export const byHand = (call) => serve(call);

export const inRun = (call, run) =>
  serve(
    () => call(),
    (request, _response, next) => run(request.headers, next),
  );

export const laneway = (call, lanes) => serve(() => call(), expressLane(lanes));
