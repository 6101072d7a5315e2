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

/** What a handler returns bit by bit is made in its lane. */
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

      /** What a source that all requests share emits, and what a bound function makes of it. */
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
        LANES.map(async (own) => {
          const headers = own === undefined ? {} : laneHeaders(own);
          const { body } = await request(`${application.url}${path}`, { headers });
          return body.text();
        }),
      );

    test('server-sent events, and what an interceptor makes of them', async () => {
      const answers = (await ask('/events')).map((answer) => answer.match(/(?<=data: ).*/g));
      expect(answers).toEqual(LANES.map((own = 'baseline') => Array(3).fill(`${own} ${own}`)));
    });

    test('a source that requests share emits in the lane of its emitter, and a bound function has its own', async () => {
      const emitter = lanes.capture(laneHeaders('emitter'));
      const timer = lanes.run(emitter, () => setInterval(() => source.next(), 1));
      const answers = (await ask('/shared')).map((answer) => /(?<=data: ).*/.exec(answer)?.[0]);
      clearInterval(timer);
      expect(answers).toEqual(LANES.map((own = 'baseline') => `emitter ${own}`));
    });

    test('a file that is made while it is sent', async () => {
      expect(await ask('/file')).toEqual(LANES.map((own = 'baseline') => `${own} `.repeat(3)));
    });
  });
}
