import { BASELINE } from '@laneway/core';
import { laneHeaders, openSharedConnection, openWire, type SharedConnection } from '@laneway/testing';
import type { MiddlewareHandler } from 'hono';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type HonoParts, lanes, name, Scene } from './scene.fixture.js';

const LANES: readonly string[] = [...Array.from({ length: 8 }, (_, index) => `v${index}`), 'baseline'];

/** Tests with middleware that calls `next` from the callback of a connection that all requests share. */
export function sharedConnectionTests(title: string, parts: HonoParts): void {
  describe(`${title}, a shared connection`, () => {
    const scene = new Scene(parts);
    let shared: SharedConnection;
    beforeEach(async () => {
      shared = await lanes.run(BASELINE.set('version', 'opener'), openSharedConnection);
    });
    afterEach(() => shared.close());

    /** Registers middleware that calls `next` from the callback of the shared connection. */
    const useShared = (app = scene.app): void => {
      app.use((_c, next) => new Promise<void>((done) => shared.query(() => done(next()))));
    };
    const noteAs =
      (what: string): MiddlewareHandler =>
      (c, next) => {
        scene.note(`${c.req.header('version') ?? 'baseline'} ${what}`);
        return next();
      };
    /** Each note is `<lane of the request> <place> <lane in which the place ran>`. */
    const expectRight = (places: readonly string[]): void => {
      const expected = LANES.flatMap((lane) => places.map((place) => `${lane} ${place} ${lane}`));
      expect(scene.seen.toSorted()).toEqual(expected.toSorted());
    };
    const sendAll = (send: (headers: Record<string, string>) => Promise<string>): Promise<string[]> =>
      Promise.all(LANES.map((lane) => send(lane === 'baseline' ? {} : { version: lane })));
    const overServer = async (path: string): Promise<string[]> => {
      await scene.start();
      return sendAll(async (headers) => {
        const wire = openWire(scene.port);
        const answer = await wire.send(headers, undefined, path);
        wire.close();
        return answer;
      });
    };
    const inProcess = (path: string): Promise<string[]> =>
      lanes.run(BASELINE.set('version', 'caller'), () =>
        sendAll(async (headers) => (await scene.app.request(path, { headers })).text()),
      );

    describe.each([
      ['over the server', overServer],
      ['in process', inProcess],
    ])('%s', (_where, sendTo) => {
      test('middleware and handlers', async () => {
        useShared();
        scene.app.use(noteAs('middleware'));
        useShared();
        scene.app.get('/items/:id', (c) => c.text(`${c.req.param('id')} ${name()}`));
        expect(await sendTo('/items/7')).toEqual(LANES.map((lane) => `7 ${lane}`));
        expectRight(['middleware']);
      });

      test('onError', async () => {
        useShared();
        scene.app.get('/error', () => {
          throw new Error('failed');
        });
        scene.app.onError((_error, c) => {
          scene.note(`${c.req.header('version') ?? 'baseline'} onError`);
          return c.text(name(), 500);
        });
        expect(await sendTo('/error')).toEqual(LANES);
        expectRight(['onError']);
      });

      test('notFound', async () => {
        useShared();
        scene.app.use(noteAs('middleware'));
        scene.app.notFound((c) => c.text(name(), 404));
        expect(await sendTo('/nowhere')).toEqual(LANES);
        expectRight(['middleware']);
      });

      test('a mounted application with its own error handler', async () => {
        const below = new parts.Hono();
        useShared(below);
        below.use(noteAs('middleware'));
        useShared(below);
        below.get('/error', () => {
          throw new Error('failed');
        });
        below.onError((_error, c) => c.text(name(), 500));
        scene.app.route('/below', below);
        expect(await sendTo('/below/error')).toEqual(LANES);
        expectRight(['middleware']);
      });
    });

    test('a lane that middleware sets is kept', async () => {
      scene.app.use((c, next) =>
        lanes.run(lanes.current().set('version', `${c.req.header('version')}x`), next),
      );
      scene.app.use(noteAs('middleware'));
      scene.app.get('/', (c) => c.text(name()));
      await scene.start();
      expect(await scene.wire.send(laneHeaders('v1'))).toBe('v1x');
      expect(scene.seen).toEqual(['v1 middleware v1x']);
    });
  });
}
