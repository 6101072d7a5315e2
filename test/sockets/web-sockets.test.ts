import fastifyWebsocket from '@fastify/websocket';
import { createNodeWebSocket } from '@hono/node-ws';
import { serve } from '@hono/node-server';
import { expressLane } from '@laneway/express';
import { fastifyLane } from '@laneway/fastify';
import { honoLane } from '@laneway/hono';
import { nodeHttpLane } from '@laneway/node-http';
import { close } from '@laneway/testing';
import { wsLane } from '@laneway/ws';
import express from 'express';
import expressWs from 'express-ws';
import fastify from 'fastify';
import { Hono } from 'hono';
import { serve as serve2, upgradeWebSocket } from 'hono-node-server-2';
import type { UpgradeWebSocket } from 'hono/ws';
import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { WebSocketServer } from 'ws';
import { lanes, name, testStand } from './lane-count.js';
import { answerText, connectText, DEFLATE } from './text-client.js';

testStand('@fastify/websocket', async (isOurs) => {
  const app = fastify();
  if (isOurs) await app.register(fastifyLane(lanes));
  await app.register(fastifyWebsocket, { options: { perMessageDeflate: DEFLATE } });
  if (isOurs) wsLane(app.websocketServer, lanes);
  app.get('/', { websocket: true }, (socket) => {
    const handler = name();
    socket.on('message', (data: Buffer) => void answerText(data, handler).then((text) => socket.send(text)));
  });
  await app.listen({ port: 0, host: '127.0.0.1' });
  const { port } = app.server.address() as AddressInfo;
  return { connect: (headers) => connectText(`ws://127.0.0.1:${port}`, headers), close: () => app.close() };
});

testStand('express-ws', async (isOurs) => {
  const { app, getWss } = expressWs(express(), undefined, { wsOptions: { perMessageDeflate: DEFLATE } });
  if (isOurs) {
    wsLane(getWss(), lanes);
    app.use(expressLane(lanes));
  }
  app.ws('/', (socket) => {
    const handler = name();
    socket.on('message', (data) => void answerText(data, handler).then((text) => socket.send(text)));
  });
  const server = app.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    connect: (headers) => connectText(`ws://127.0.0.1:${port}`, headers),
    async close() {
      for (const socket of getWss().clients) socket.terminate();
      await close(server);
    },
  };
});

function addWebSocket(app: Hono, upgrade: UpgradeWebSocket<never>): void {
  app.get(
    '/',
    upgrade(() => {
      const seen = [name()];
      return {
        onOpen: () => void seen.push(name()),
        onMessage: ({ data }, socket) =>
          void answerText(data, ...seen).then((answered) => socket.send(answered)),
      };
    }),
  );
}

testStand('hono on Node, @hono/node-ws', async (isOurs) => {
  const app = new Hono();
  const { injectWebSocket, upgradeWebSocket: upgrade, wss } = createNodeWebSocket({ app });
  if (isOurs) {
    wsLane(wss, lanes);
    app.use(honoLane(lanes));
  }
  addWebSocket(app, upgrade as UpgradeWebSocket<never>);
  const server = serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' }) as Server;
  if (isOurs) nodeHttpLane(server, lanes);
  injectWebSocket(server);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    connect: (headers) => connectText(`ws://127.0.0.1:${port}`, headers),
    async close() {
      for (const socket of wss.clients) socket.terminate();
      await close(server);
    },
  };
});

testStand('hono on Node, @hono/node-server 2', async (isOurs) => {
  const app = new Hono();
  const wss = new WebSocketServer({ noServer: true, perMessageDeflate: DEFLATE });
  if (isOurs) {
    wsLane(wss, lanes);
    app.use(honoLane(lanes));
  }
  addWebSocket(app, upgradeWebSocket as UpgradeWebSocket<never>);
  const server = serve2({
    fetch: app.fetch,
    port: 0,
    hostname: '127.0.0.1',
    // Its type is too narrow with `exactOptionalPropertyTypes`.
    websocket: { server: wss as never },
  });
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    connect: (headers) => connectText(`ws://127.0.0.1:${port}`, headers),
    async close() {
      for (const socket of wss.clients) socket.terminate();
      await close(server);
    },
  };
});
