import { PassThrough } from 'node:stream';
import { inboundContract } from '@laneway/testing';
import { Agent, request as call } from 'undici';
import { fastifyLane } from './index.js';
import { versions } from './versions.fixture.js';

for (const [name, framework] of versions) {
  inboundContract({
    name,
    async start(lanes, handle, middleware = (next) => next()) {
      const app = framework();
      void app.register(fastifyLane(lanes));
      app.addHook('preHandler', (_request, _reply, done) => middleware(done));
      app.post('/', (request) => handle((request.body as string | undefined) ?? '', request.headers));
      const address = await app.listen({ port: 0, host: '127.0.0.1' });
      const dispatcher = new Agent({ connections: 1 });
      return {
        async send(headers, body = '') {
          const answer = await call(address, {
            method: 'POST',
            headers: { 'content-type': 'text/plain', ...headers },
            body,
            dispatcher,
          });
          return { ok: answer.statusCode === 200, body: await answer.body.text() };
        },
        async close() {
          await dispatcher.close();
          await app.close();
        },
      };
    },
    async startStream(lanes, handle) {
      const app = framework({ forceCloseConnections: true });
      void app.register(fastifyLane(lanes));
      app.get('/', (_request, reply) => {
        const stream = new PassThrough();
        void reply.type('text/event-stream').send(stream);
        handle({
          write: (piece) => void stream.write(piece),
          onClose: (listener) => void stream.on('close', listener),
        });
      });
      const address = await app.listen({ port: 0, host: '127.0.0.1' });
      return { port: Number(new URL(address).port), close: () => app.close() };
    },
  });
}
