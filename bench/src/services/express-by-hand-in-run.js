// By hand, with the header in an `AsyncLocalStorage`: measures the cost of asynchronous context alone on this Node.
import { AsyncLocalStorage } from 'node:async_hooks';
import { createServer } from 'node:http';
import express from 'express';
import { listenForBench, upstream } from './listen.js';

const app = express();
const storage = new AsyncLocalStorage();

app.use((request, _response, next) => {
  const headers = {};
  if (request.headers.baggage) headers.baggage = request.headers.baggage;
  storage.run(headers, next);
});

// oxlint-disable-next-line oxc/no-async-endpoint-handlers -- express 5 awaits its handlers
app.get('/hello', async (_request, response) => {
  const reply = await fetch(upstream, { headers: storage.getStore() });
  response.send(await reply.text());
});

listenForBench(createServer(app));
