import { createServer } from 'node:http';
import { PassThrough } from 'node:stream';
import { close, inboundContract, listen } from '@laneway/testing';
import bodyParser from 'koa-bodyparser';
import { inboundClient } from '../../../test/support/inbound-client.js';
import { koaLane } from './index.js';
import { versions } from './versions.fixture.js';

for (const [name, Koa] of versions) {
  inboundContract({
    name,
    async start(lanes, handle, middleware = (next) => next()) {
      const app = new Koa();
      app.use(koaLane(lanes));
      app.use((_ctx, next) => new Promise((done) => middleware(() => done(next()))));
      app.use(bodyParser({ enableTypes: ['text'], textLimit: '1mb' }));
      app.use(async (ctx) => {
        const { body } = ctx.request as { body?: unknown };
        ctx.body = await handle(typeof body === 'string' ? body : '', ctx.headers, ctx.url);
      });
      app.on('error', () => {});
      const listener = app.callback();
      const server = createServer((request, response) => void listener(request, response));
      return inboundClient(`http://127.0.0.1:${await listen(server)}/`, () => close(server));
    },
    async startStream(lanes, handle) {
      const app = new Koa();
      app.use(koaLane(lanes));
      app.use((ctx) => {
        const stream = new PassThrough();
        ctx.type = 'text/event-stream';
        ctx.body = stream;
        handle({
          write: (piece) => void stream.write(piece),
          onClose: (listener) => void stream.on('close', listener),
        });
      });
      app.on('error', () => {});
      const listener = app.callback();
      const server = createServer((request, response) => void listener(request, response));
      return { port: await listen(server), close: () => close(server) };
    },
  });
}
