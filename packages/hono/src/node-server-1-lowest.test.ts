import { Hono } from 'hono-lowest';
import { HTTPException } from 'hono-lowest/http-exception';
import { stream, streamSSE } from 'hono-lowest/streaming';
import { createAdaptorServer } from 'hono-node-server-1-lowest';
import { honoContract } from './hono.contract.js';

honoContract('hono lowest, node-server 1 lowest', {
  Hono,
  HTTPException,
  stream,
  streamSSE,
  serve: createAdaptorServer,
});
