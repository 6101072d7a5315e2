import { EventEmitter, once } from 'node:events';
import { BASELINE, type Lanes } from '@laneway/core';
import {
  contractLanes,
  laneHeaders,
  openSharedConnection,
  openWire,
  type SharedConnection,
} from '@laneway/testing';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { fastifyLane } from './index.js';
import { versions } from './versions.fixture.js';

const lanes: Lanes = contractLanes();
const name = (): string => lanes.current().name ?? 'baseline';
const LANES = [...Array.from({ length: 6 }, (_, index) => `v${index}`), 'baseline'];

type Hook = (...args: unknown[]) => void;
type Done = (error?: unknown, payload?: unknown) => void;

const BEFORE_HANDLER = ['onRequest', 'preParsing', 'preValidation', 'preHandler'] as const;
const AFTER_HANDLER = ['preSerialization', 'onSend'] as const;

describe.each(versions)('%s, a shared connection', (_name, framework) => {
  let app: FastifyInstance;
  let shared: SharedConnection;
  let seen: string[];
  const noted = new EventEmitter();
  const note = (request: unknown, place: string): void => {
    const expected = (request as FastifyRequest).headers.version ?? 'baseline';
    seen.push(`${String(expected)} ${place} ${name()}`);
    noted.emit('note');
  };
  beforeEach(async () => {
    shared = await lanes.run(BASELINE.set('version', 'opener'), openSharedConnection);
    seen = [];
    app = framework({ forceCloseConnections: true });
  });
  afterEach(async () => {
    await app.close();
    await shared.close();
  });

  /** Hooks of a phase: one notes, one calls `done` from the callback of the shared connection, one notes again. */
  const hooksOf = (phase: string, place = phase): Hook[] => {
    const noteHook: Hook = (...args) => {
      note(args[0], place);
      (args.at(-1) as Done)();
    };
    const overShared: Hook = (...args) => shared.query(() => (args.at(-1) as Done)());
    return [noteHook, overShared, noteHook];
  };
  const addHooks = (to: FastifyInstance, phase: string, place?: string): void => {
    for (const hook of hooksOf(phase, place)) to.addHook(phase as 'onRequest', hook as never);
  };
  const expectRight = async (places: readonly string[]): Promise<void> => {
    const expected = LANES.flatMap((lane) => places.map((place) => `${lane} ${place} ${lane}`)).toSorted();
    while (seen.length < expected.length) await once(noted, 'note');
    expect(seen.toSorted()).toEqual(expected);
  };
  const sendAll = async (path = '/'): Promise<string[]> => {
    const address = await app.listen({ port: 0, host: '127.0.0.1' });
    return Promise.all(
      LANES.map(async (lane) => {
        const wire = openWire(Number(new URL(address).port));
        const answer = await wire.send(lane === 'baseline' ? {} : laneHeaders(lane), ['body'], path);
        wire.close();
        return answer;
      }),
    );
  };
  const injectAll = async (path = '/'): Promise<string[]> =>
    Promise.all(
      LANES.map(async (lane) => {
        const headers = { ...(lane === 'baseline' ? {} : laneHeaders(lane)), 'content-type': 'text/plain' };
        return (await app.inject({ method: 'POST', url: path, headers, payload: 'body' })).body;
      }),
    );
  const twice = (places: readonly string[]): string[] => places.flatMap((place) => [place, place]);

  test.each([
    ['over the server', sendAll],
    ['injected', injectAll],
  ])('every hook, the parser and the handler, %s', async (_where, send) => {
    for (const phase of BEFORE_HANDLER) addHooks(app, phase, `${phase} before`);
    void app.register(fastifyLane(lanes));
    app.addContentTypeParser('text/plain', { parseAs: 'string' }, (request, body, done) => {
      note(request, 'parser');
      shared.query(() => done(null, body));
    });
    void app.register(async (child) => {
      for (const phase of [...BEFORE_HANDLER, ...AFTER_HANDLER, 'onResponse']) addHooks(child, phase);
      const onRoute = Object.fromEntries(
        BEFORE_HANDLER.map((phase) => [phase, hooksOf(phase, `${phase} of the route`)]),
      );
      child.post('/', onRoute, (request, reply) => {
        note(request, 'handler');
        shared.query(() => void reply.send({ lane: request.headers.version ?? 'baseline' }));
      });
    });
    expect(await send()).toEqual(LANES.map((lane) => `{"lane":"${lane}"}`));
    await expectRight([
      ...twice(BEFORE_HANDLER.map((phase) => `${phase} before`)),
      ...twice([...BEFORE_HANDLER, ...AFTER_HANDLER, 'onResponse']),
      ...twice(BEFORE_HANDLER.map((phase) => `${phase} of the route`)),
      'parser',
      'handler',
    ]);
  });

  test('errors: onError, and error handlers of the route, of the plugin and of the application', async () => {
    void app.register(fastifyLane(lanes));
    const handleError =
      (place: string, rethrows: boolean) => (error: Error, request: FastifyRequest, reply: FastifyReply) => {
        note(request, place);
        shared.query(() => void reply.send(rethrows ? error : 'handled'));
      };
    app.setErrorHandler(handleError('application', false));
    void app.register(async (child) => {
      addHooks(child, 'onError');
      addHooks(child, 'onSend');
      child.setErrorHandler(handleError('plugin', true));
      child.post('/', { errorHandler: handleError('route', true) }, (_request, reply) =>
        shared.query(() => void reply.send(new Error('failed'))),
      );
    });
    expect(await sendAll()).toEqual(LANES.map(() => 'handled'));
    await expectRight([...twice(['onError', 'onSend']), 'application', 'plugin', 'route']);
  });

  test('a request without a route, and reply.callNotFound', async () => {
    void app.register(fastifyLane(lanes));
    void app.register(
      async (child) => {
        const [noteHook, overShared] = hooksOf('preHandler') as [Hook, Hook];
        child.addHook('preHandler', overShared as never);
        child.setNotFoundHandler({ preHandler: noteHook }, (request, reply) => {
          note(request, 'handler');
          void reply.code(404).send(name());
        });
        child.post('/called', (_request, reply) => shared.query(() => reply.callNotFound()));
      },
      { prefix: '/child' },
    );
    expect(await sendAll('/child/called')).toEqual(LANES);
    expect(await injectAll('/child/nowhere')).toEqual(LANES);
    await expectRight(twice(['preHandler', 'handler']));
  });

  test('a lane that a hook sets is kept', async () => {
    void app.register(fastifyLane(lanes));
    app.addHook('onRequest', (request, _reply, done) =>
      lanes.run(lanes.current().set('version', `${String(request.headers.version)}x`), done),
    );
    addHooks(app, 'preHandler');
    app.get('/', async (request) => `${name()} ${request.lane.name}`);
    const answer = await app.inject({ url: '/', headers: { version: 'v1' } });
    expect(answer.body).toBe('v1x v1');
    expect(seen).toEqual(['v1 preHandler v1x', 'v1 preHandler v1x']);
  });
});
