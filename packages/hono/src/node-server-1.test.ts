import { Hono } from 'hono';
import { HTTPException } from 'hono/http-exception';
import { stream, streamSSE } from 'hono/streaming';
import { createAdaptorServer } from 'hono-node-server-1';
import { honoContract } from './hono.contract.js';

honoContract('hono, node-server 1', {
  Hono,
  HTTPException,
  stream,
  streamSSE,
  serve: createAdaptorServer,
});
