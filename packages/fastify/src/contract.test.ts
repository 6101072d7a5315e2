import { PassThrough } from 'node:stream';
import { inboundContract } from '@laneway/testing';
import { inboundClient } from '../../../test/support/inbound-client.js';
import { fastifyLane } from './index.js';
import { versions } from './versions.fixture.js';

for (const [name, framework] of versions) {
  inboundContract({
    name,
    async start(lanes, handle, middleware = (next) => next()) {
      const app = framework();
      void app.register(fastifyLane(lanes));
      app.addHook('preHandler', (_request, _reply, done) => middleware(done));
      app.post('/', (request) =>
        handle((request.body as string | undefined) ?? '', request.headers, request.originalUrl),
      );
      const address = await app.listen({ port: 0, host: '127.0.0.1' });
      return inboundClient(address, () => app.close());
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
