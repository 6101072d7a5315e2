import { Readable } from 'node:stream';
import { setImmediate as turn } from 'node:timers/promises';
import { contractLanes, laneHeaders } from '@laneway/testing';
import type { CallHandler, ExecutionContext, MessageEvent, StreamableFile } from '@nestjs/common';
import { interval, map, type Observable, Subject, take } from 'rxjs';
import { request } from 'undici';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  type Application,
  decorate,
  makeModule,
  type Nest,
  type Platform,
  startApplication,
} from './application.fixture.js';
import { LaneModule } from './index.js';

const LANES = ['v2', undefined, 'v3', 'v4'];

/** Tests that the code behind streamed responses runs in the lane of the request. */
export function streamsContract(name: string, nest: Nest, platform: Platform): void {
  const { Controller, Get, Sse, UseInterceptors } = nest.common;

  describe(`${name} on ${platform}: streams`, () => {
    const lanes = contractLanes();
    const lane = (): string => lanes.current().name ?? 'baseline';
    const source = new Subject<void>();
    let application: Application;

    class AddLane {
      intercept(_context: ExecutionContext, next: CallHandler<MessageEvent>): Observable<MessageEvent> {
        return next.handle().pipe(map(({ data }) => ({ data: `${data as string} ${lane()}` })));
      }
    }

    class Streams {
      events(): Observable<MessageEvent> {
        return interval(1).pipe(
          take(3),
          map(() => ({ data: lane() })),
        );
      }

      /** Emits the lane of a shared source, and the lane of a bound operator. */
      shared(): Observable<MessageEvent> {
        const toEvent = (emitter: string): MessageEvent => ({ data: `${emitter} ${lane()}` });
        return source.pipe(take(1), map(lane), map(lanes.bind(toEvent)));
      }

      file(): StreamableFile {
        async function* read(): AsyncGenerator<string> {
          for (let piece = 0; piece < 3; piece++) {
            await turn();
            yield `${lane()} `;
          }
        }
        return new nest.common.StreamableFile(Readable.from(read()));
      }
    }
    Controller()(Streams);
    decorate(Streams, 'events', Sse('events'), UseInterceptors(new AddLane()));
    decorate(Streams, 'shared', Sse('shared'));
    decorate(Streams, 'file', Get('file'));

    beforeEach(async () => {
      const root = makeModule(nest, { imports: [LaneModule.forRoot({ lanes })], controllers: [Streams] });
      application = await startApplication(nest, platform, root);
    });
    afterEach(async () => {
      await application.close();
      expect(application.warnings).toEqual([]);
    });

    const ask = (path: string): Promise<string[]> =>
      Promise.all(
        LANES.map(async (sentLane) => {
          const headers = sentLane === undefined ? {} : laneHeaders(sentLane);
          const { body } = await request(`${application.url}${path}`, { headers });
          return body.text();
        }),
      );

    test('server-sent events, and an interceptor that maps them', async () => {
      const answers = (await ask('/events')).map((answer) => answer.match(/(?<=data: ).*/g));
      expect(answers).toEqual(LANES.map((expected = 'baseline') => Array(3).fill(`${expected} ${expected}`)));
    });

    test('a shared source emits in the lane of its emitter, a bound operator runs in the lane of the request', async () => {
      const emitter = lanes.capture(laneHeaders('emitter'));
      const timer = lanes.run(emitter, () => setInterval(() => source.next(), 1));
      const answers = (await ask('/shared')).map((answer) => /(?<=data: ).*/.exec(answer)?.[0]);
      clearInterval(timer);
      expect(answers).toEqual(LANES.map((expected = 'baseline') => `emitter ${expected}`));
    });

    test('a file that is generated while it is sent', async () => {
      expect(await ask('/file')).toEqual(LANES.map((expected = 'baseline') => `${expected} `.repeat(3)));
    });
  });
}
