import { type EventEmitter, once } from 'node:events';
import { request as startRequest } from 'node:http';
import { laneHeaders, takeTurns } from '@laneway/testing';
import { describe, expect, test } from 'vitest';
import { honoLane } from './index.js';
import { type HonoParts, lanes, name, Scene } from './scene.fixture.js';

/** Tests with streams as responses. */
export function streamTests(title: string, parts: HonoParts): void {
  describe(title, () => {
    const scene = new Scene(parts);

    test('sources, transformations and the stream helper run in the lane', async () => {
      const source = (): ReadableStream<Uint8Array> => {
        let left = 3;
        return new ReadableStream(
          {
            async pull(controller) {
              scene.note('pull');
              await takeTurns(left);
              if (left-- > 0) controller.enqueue(Buffer.from('x'));
              else controller.close();
            },
          },
          { highWaterMark: 0 },
        );
      };
      scene.app.post('/body', (c) => c.body(source()));
      scene.app.post('/response', () => new Response(source()));
      scene.app.post('/transformed', () => {
        const transformation = new TransformStream<Uint8Array, Uint8Array>({
          transform(chunk, controller) {
            scene.note('transform');
            controller.enqueue(chunk);
          },
          flush: () => scene.note('flush'),
        });
        return new Response(source().pipeThrough(transformation));
      });
      scene.app.post('/stream', (c) =>
        parts.stream(c, async (out) => {
          for (let i = 0; i < 3; i++) {
            scene.note('write');
            await out.write('x');
            await out.sleep(1);
          }
        }),
      );
      await scene.start();
      for (const path of ['/body', '/response', '/transformed', '/stream'])
        await scene.sendThree('xxx', path);
    });

    test('a streamed response keeps its status and headers', async () => {
      scene.app.get('/', (c) => {
        c.header('set-cookie', 'a=1');
        c.header('set-cookie', 'b=2', { append: true });
        return c.body(new ReadableStream({ start: (controller) => controller.close() }), 201, {
          'x-own': '1',
        });
      });
      await scene.start();
      const answer = await fetch(`http://127.0.0.1:${scene.port}/`);
      expect(answer.status).toBe(201);
      expect(answer.headers.getSetCookie()).toEqual(['a=1', 'b=2']);
      expect(answer.headers.get('x-own')).toBe('1');
      expect(await answer.text()).toBe('');
    });

    test('a streamed response without a content type gets none', async () => {
      const make = (): Response =>
        new Response(new ReadableStream({ start: (controller) => controller.close() }), {
          headers: { 'x-own': '1' },
        });
      scene.app.get('/', make);
      await scene.start();
      const answer = await fetch(`http://127.0.0.1:${scene.port}/`);
      expect(answer.headers.get('x-own')).toBe('1');
      expect(answer.headers.get('content-type')).toBeNull();
    });

    test('a string body stays a string: the lightweight response of the server is not converted', async () => {
      const kept = (response: Response): unknown => {
        const memory = Object.getOwnPropertySymbols(response).find(
          ({ description }) => description === 'cache',
        );
        return memory && (response as unknown as Record<symbol, readonly unknown[]>)[memory]?.[1];
      };
      const found: unknown[] = [];
      scene.app = new parts.Hono();
      scene.app.use(async (c, next) => {
        await next();
        found.push(kept(c.res));
      });
      scene.app.use(honoLane(lanes));
      scene.app.get('/', (c) => c.text('text'));
      await scene.start();
      expect(await scene.wire.send({})).toBe('text');
      expect(found).toEqual(['text']);
    });

    test('server-sent events, until the client disconnects', async () => {
      scene.app.get('/', (c) =>
        parts.streamSSE(c, async (out) => {
          const gone = new AbortController();
          out.onAbort(() => {
            scene.note('abort');
            gone.abort();
          });
          while (!gone.signal.aborted) {
            await out.writeSSE({ data: name() });
            await out.sleep(1);
          }
        }),
      );
      await scene.start();
      for (const lane of ['v2', 'baseline']) {
        const headers = lane === 'baseline' ? {} : laneHeaders(lane);
        const reader = startRequest({ host: '127.0.0.1', port: scene.port, headers }).end();
        const [answer] = (await once(reader, 'response')) as [EventEmitter];
        const [chunk] = (await once(answer, 'data')) as [Buffer];
        expect(chunk.toString()).toContain(`data: ${lane}\n`);
        reader.destroy();
        expect(await scene.notes(1)).toEqual([`abort ${lane}`]);
      }
    });
  });
}
