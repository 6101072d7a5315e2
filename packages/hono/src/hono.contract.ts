import type { Server } from 'node:http';
import { close, inboundContract, listen } from '@laneway/testing';
import { inboundClient } from '../../../test/support/inbound-client.js';
import { honoLane } from './index.js';
import { requestTests } from './requests.contract.js';
import type { HonoParts } from './scene.fixture.js';
import { sharedConnectionTests } from './shared-connection.contract.js';
import { streamTests } from './streams.contract.js';

/**
 * The tests for every version. Each version of the server needs its own test file, because it replaces the global `Response` and does not
 * recognize the `Response` of another version.
 */
export function honoContract(title: string, parts: HonoParts): void {
  requestTests(title, parts);
  streamTests(title, parts);
  sharedConnectionTests(title, parts);
  inboundContract({
    name: title,
    async start(lanes, handle, middleware = (next) => next()) {
      const app = new parts.Hono();
      app.use(honoLane(lanes));
      app.use((_c, next) => new Promise((done) => middleware(() => done(next()))));
      app.post('/', async (c) => c.text(await handle(await c.req.text(), c.req.raw.headers)));
      app.onError((_error, c) => c.text('failed', 500));
      const server = parts.serve({ fetch: (request, env) => app.fetch(request, env) }) as Server;
      return inboundClient(`http://127.0.0.1:${await listen(server)}/`, () => close(server));
    },
    async startStream(lanes, handle) {
      const app = new parts.Hono();
      app.use(honoLane(lanes));
      app.get('/', (c) =>
        parts.streamSSE(c, async (stream) => {
          const gone = new Promise<void>((done) => stream.onAbort(done));
          handle({
            write: (piece) => void stream.write(piece),
            onClose: (listener) => stream.onAbort(listener),
          });
          await gone;
        }),
      );
      const server = parts.serve({ fetch: (request, env) => app.fetch(request, env) }) as Server;
      return { port: await listen(server), close: () => close(server) };
    },
  });
}
