import { context, trace } from '@opentelemetry/api';
import { HttpInstrumentation } from '@opentelemetry/instrumentation-http';
import { SocketIoInstrumentation } from '@opentelemetry/instrumentation-socket.io';
import { NodeTracerProvider } from '@opentelemetry/sdk-trace-node';
import { createRequire } from 'node:module';
import type { Server } from 'socket.io';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { ACK_ROWS } from './ack-rows.fixture.js';
import { END_ROWS } from './end-rows.fixture.js';
import { EVENT_ROWS } from './event-rows.fixture.js';
import { openScene, type Scene, TRANSPORTS, whereAmI } from './socket-io-lane.fixture.js';

const ROWS = [...EVENT_ROWS, ...ACK_ROWS, ...END_ROWS];
const require = createRequire(import.meta.url);

// Instrumentations patch modules that are loaded after them, so load socket.io again.
const instrumentations = [new HttpInstrumentation(), new SocketIoInstrumentation()];
for (const file of Object.keys(require.cache)) {
  if (/[\\/]socket\.io[\\/]dist[\\/]/.test(file)) Reflect.deleteProperty(require.cache, file);
}
const instrumented = (require('socket.io') as { Server: typeof Server }).Server;

let scene: Scene | undefined;
afterEach(async () => scene?.close());
afterAll(() => {
  for (const instrumentation of instrumentations) instrumentation.disable();
});

// Laneway registers a context manager when the fixture is loaded. Without that manager, the SDK starts as if it were first.
describe.each(['after', 'before'] as const)('an SDK that starts %s Laneway', (order) => {
  beforeAll(() => {
    if (order === 'before') context.disable();
    trace.disable();
    const provider = new NodeTracerProvider();
    provider.register();
    for (const instrumentation of instrumentations) instrumentation.setTracerProvider(provider);
  });

  describe.each(Object.keys(TRANSPORTS) as (keyof typeof TRANSPORTS)[])('%s', (transport) => {
    test.each(ROWS)('$name', async ({ expected = 'a', options = {}, play }) => {
      scene = await openScene({ server: instrumented, transport, options });
      expect(await play(scene)).toBe(expected);
    });

    test('the span of the instrumentation stays active beside the lane', async () => {
      scene = await openScene({ server: instrumented, transport });
      const spans: unknown[] = [];
      scene.io.on('connection', (socket) => {
        socket.on('where', async (answer: (name: string) => void) => {
          const span = trace.getActiveSpan();
          spans.push(span?.isRecording());
          const name = await whereAmI();
          spans.push(trace.getActiveSpan() === span);
          answer(name);
        });
      });
      expect(await (await scene.connect('a')).emitWithAck('where')).toBe('a');
      expect(spans).toEqual([true, true]);
    });

    test('the span that a middleware opened stays active in connection', async () => {
      scene = await openScene({ server: instrumented, transport });
      const traced = scene.io.of('/traced');
      traced.use((_socket, next) => trace.getTracer('test').startActiveSpan('handshake', () => next()));
      traced.use(scene.middleware);
      const seen = new Promise<unknown[]>((resolve) => {
        traced.on('connection', async () => {
          const span = trace.getActiveSpan();
          resolve([await whereAmI(), span !== undefined && span === trace.getActiveSpan()]);
        });
      });
      await scene.connect('a', '/traced');
      expect(await seen).toEqual(['a', true]);
    });
  });
});
