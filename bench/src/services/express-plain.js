// Propagates nothing: for libraries that patch Node and are loaded with `--import`.
import http from 'node:http';
import express from 'express';
import { listenForBench, upstream } from './listen.js';

const app = express();

app.get('/hello', async (_request, response) => {
  const reply = await fetch(upstream);
  response.send(await reply.text());
});

// Not a named import: hpropagate replaces `createServer` on the module object.
listenForBench(http.createServer(app));
