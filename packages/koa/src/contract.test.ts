import { createServer } from 'node:http';
import { PassThrough } from 'node:stream';
import { close, inboundContract, listen } from '@laneway/testing';
import bodyParser from 'koa-bodyparser';
import { Agent, request as call } from 'undici';
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
        ctx.body = await handle(typeof body === 'string' ? body : '', ctx.headers);
      });
      app.on('error', () => {});
      const listener = app.callback();
      const server = createServer((request, response) => void listener(request, response));
      const port = await listen(server);
      const dispatcher = new Agent({ connections: 1 });
      return {
        async send(headers, body = '') {
          const answer = await call(`http://127.0.0.1:${port}/`, {
            method: 'POST',
            headers: { 'content-type': 'text/plain', ...headers },
            body,
            dispatcher,
          });
          return { ok: answer.statusCode === 200, body: await answer.body.text() };
        },
        async close() {
          await dispatcher.close();
          await close(server);
        },
      };
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
