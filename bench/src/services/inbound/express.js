import { createServer } from 'node:http';
import { expressLane } from '@laneway/express';
import express from 'express';

export function byHand(call) {
  const app = express();
  app.get('/hello', async (request, response) => {
    response.send(await call(request.headers));
  });
  return createServer(app);
}

export function laneway(call, lanes) {
  const app = express();
  app.use(expressLane(lanes));
  app.get('/hello', async (_request, response) => {
    response.send(await call());
  });
  return createServer(app);
}
