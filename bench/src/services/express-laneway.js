// Laneway: one middleware, one wrapped fetch, and no header in the handler.
import { createServer } from 'node:http';
import { defineLanes } from '@laneway/core';
import { expressLane } from '@laneway/express';
import { laneFetch } from '@laneway/fetch';
import express from 'express';
import { listenForBench, upstream } from './listen.js';

const app = express();
const lanes = defineLanes({ key: 'version', carry: { baggage: ['*'] } });
const fetchInLane = laneFetch(fetch, lanes);

app.use(expressLane(lanes));

app.get('/hello', async (_request, response) => {
  const reply = await fetchInLane(upstream);
  response.send(await reply.text());
});

listenForBench(createServer(app));
