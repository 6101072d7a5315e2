// By hand, inside one empty `AsyncLocalStorage.run`: measures the cost of asynchronous context alone on this Node.
import { AsyncLocalStorage } from 'node:async_hooks';
import { createServer } from 'node:http';
import express from 'express';
import { listenForBench, upstream } from './listen.js';

const app = express();
const storage = new AsyncLocalStorage();

app.use((_request, _response, next) => storage.run({}, next));

// oxlint-disable-next-line oxc/no-async-endpoint-handlers -- express 5 awaits its handlers
app.get('/hello', async (request, response) => {
  const headers = {};
  if (request.headers.baggage) headers.baggage = request.headers.baggage;
  const reply = await fetch(upstream, { headers });
  response.send(await reply.text());
});

listenForBench(createServer(app));
