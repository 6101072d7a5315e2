// By hand: the handler reads the header and passes it to every call.
import { createServer } from 'node:http';
import express from 'express';
import { listenForBench, upstream } from './listen.js';

const app = express();

// oxlint-disable-next-line oxc/no-async-endpoint-handlers -- express 5 awaits its handlers
app.get('/hello', async (request, response) => {
  const headers = {};
  if (request.headers.baggage) headers.baggage = request.headers.baggage;
  const reply = await fetch(upstream, { headers });
  response.send(await reply.text());
});

listenForBench(createServer(app));
