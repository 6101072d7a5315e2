import { serve } from '@hono/node-server';
import { expressLane } from '@laneway/express';
import { fastifyLane } from '@laneway/fastify';
import { honoLane } from '@laneway/hono';
import { koaLane } from '@laneway/koa';
import { nodeHttpLane } from '@laneway/node-http';
import { close, listen } from '@laneway/testing';
import express from 'express';
import fastify from 'fastify';
import { Hono } from 'hono';
import { streamSSE } from 'hono/streaming';
import Koa from 'koa';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { PassThrough } from 'node:stream';
import { lanes, testStand } from './lane-count.js';
import { createNews, type News, streamStand } from './streams.fixture.js';

/** Answers `/events`, `/poll` and `/closed` with the objects of Node, as handlers of several frameworks do. */
function answerNode(news: News, request: IncomingMessage, response: ServerResponse): void {
  const { pathname, searchParams } = new URL(request.url ?? '/', 'http://localhost');
  const id = searchParams.get('id') ?? '';
  if (pathname === '/poll') return news.poll((text) => response.end(text));
  if (pathname === '/closed') return void news.closed(id).then((text) => response.end(text));
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  const stop = news.send((text) => response.write(text));
  response.on('close', () => news.close(id, stop));
}

testStand('streamed responses, node:http', async (isOurs) => {
  const news = createNews();
  const server = createServer((request, response) => answerNode(news, request, response));
  if (isOurs) nodeHttpLane(server, lanes);
  return streamStand(await listen(server), news, () => close(server));
});

testStand('streamed responses, express', async (isOurs) => {
  const news = createNews();
  const app = express();
  if (isOurs) app.use(expressLane(lanes));
  app.get('/*path', (request, response) => answerNode(news, request, response));
  const server = createServer(app as never);
  return streamStand(await listen(server), news, () => close(server));
});

testStand('streamed responses, fastify', async (isOurs) => {
  const news = createNews();
  const app = fastify({ forceCloseConnections: true });
  if (isOurs) await app.register(fastifyLane(lanes));
  app.get<{ Querystring: { id: string } }>('/events', (request, reply) => {
    const body = new PassThrough();
    const stop = news.send((text) => body.write(text));
    request.raw.on('close', () => news.close(request.query.id, stop));
    reply.type('text/event-stream').send(body);
  });
  app.get('/poll', () => new Promise((resolve) => news.poll(resolve)));
  app.get<{ Querystring: { id: string } }>('/closed', ({ query }) => news.closed(query.id));
  await app.listen({ port: 0, host: '127.0.0.1' });
  return streamStand((app.server.address() as AddressInfo).port, news, () => app.close());
});

testStand('streamed responses, koa', async (isOurs) => {
  const news = createNews();
  const app = new Koa();
  // koa prints each response that its client aborts.
  app.silent = true;
  if (isOurs) app.use(koaLane(lanes));
  app.use(async (ctx) => {
    const id = String(ctx.query['id']);
    if (ctx.path === '/poll') ctx.body = await new Promise((resolve) => news.poll(resolve));
    else if (ctx.path === '/closed') ctx.body = await news.closed(id);
    else {
      const body = new PassThrough();
      const stop = news.send((text) => body.write(text));
      ctx.req.on('close', () => news.close(id, stop));
      ctx.type = 'text/event-stream';
      ctx.body = body;
    }
  });
  const callback = app.callback();
  const server = createServer((request, response) => void callback(request, response));
  return streamStand(await listen(server), news, () => close(server));
});

testStand('streamed responses, hono', async (isOurs) => {
  const news = createNews();
  const app = new Hono();
  if (isOurs) app.use(honoLane(lanes));
  app.get('/events', (c) =>
    streamSSE(c, async (stream) => {
      const stop = news.send((text) => void stream.write(text));
      await new Promise<void>((resolve) => {
        stream.onAbort(() => {
          news.close(c.req.query('id') ?? '', stop);
          resolve();
        });
      });
    }),
  );
  app.get('/poll', async (c) => c.text(await new Promise<string>((resolve) => news.poll(resolve))));
  app.get('/closed', async (c) => c.text(await news.closed(c.req.query('id') ?? '')));
  const server = serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' }) as Server;
  await once(server, 'listening');
  return streamStand((server.address() as AddressInfo).port, news, () => close(server));
});
