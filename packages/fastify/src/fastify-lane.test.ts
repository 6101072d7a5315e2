import { EventEmitter, once } from 'node:events';
import { PassThrough, Readable } from 'node:stream';
import { createGunzip, gzipSync } from 'node:zlib';
import type { Lanes } from '@laneway/core';
import { contractLanes, laneHeaders, takeTurns, openWire, type Wire } from '@laneway/testing';
import type { FastifyInstance } from 'fastify';
import { afterEach, describe, expect, test } from 'vitest';
import { fastifyLane } from './index.js';
import { versions } from './versions.fixture.js';

const lanes: Lanes = contractLanes();
const name = (): string => lanes.current().name ?? 'baseline';

const PHASES = [
  'onRequest',
  'preParsing',
  'preValidation',
  'preHandler',
  'preSerialization',
  'onSend',
] as const;
type Phase = (typeof PHASES)[number];

describe.each(versions)('%s', (_name, framework) => {
  let app: FastifyInstance;
  let wire: Wire | undefined;
  let seen: string[];
  const note = (what: string): void => void seen.push(`${what} ${name()}`);
  const start = async (): Promise<Wire> => (wire = openWire(await listen()));
  const listen = async (): Promise<number> => {
    const address = await app.listen({ port: 0, host: '127.0.0.1' });
    return Number(new URL(address).port);
  };
  const create = (options: object = {}): void => {
    seen = [];
    app = framework({ forceCloseConnections: true, ...options });
  };
  const lane = (): void => void app.register(fastifyLane(lanes));
  afterEach(async () => {
    wire?.close();
    await app.close();
  });

  /** Adds one hook of a phase. It passes its payload on unchanged. */
  const addPhase = (phase: Phase, style: 'callback' | 'async', act: () => unknown): void => {
    const hasPayload = phase === 'preParsing' || phase === 'preSerialization' || phase === 'onSend';
    const asynchronous = async (...args: unknown[]): Promise<unknown> => {
      await takeTurns(args.length);
      await act();
      return args[2];
    };
    const callback = (...args: unknown[]): void => {
      const done = args.at(-1) as (error?: unknown, payload?: unknown) => void;
      try {
        act();
        setImmediate(() => (hasPayload ? done(null, args[2]) : done()));
      } catch (error) {
        done(error);
      }
    };
    const hook = style === 'async' ? asynchronous : callback;
    // Fastify derives the style from the number of parameters.
    const shaped = hasPayload
      ? style === 'async'
        ? (a: unknown, b: unknown, c: unknown) => hook(a, b, c)
        : (a: unknown, b: unknown, c: unknown, d: unknown) => hook(a, b, c, d)
      : style === 'async'
        ? (a: unknown, b: unknown) => hook(a, b)
        : (a: unknown, b: unknown, c: unknown) => hook(a, b, c);
    (app.addHook as (phase: Phase, hook: unknown) => unknown)(phase, shaped);
  };
  const responses = (): ((count: number) => Promise<unknown>) => {
    const responded = new EventEmitter();
    const done = [1, 2, 3].map((count) => once(responded, String(count)));
    let count = 0;
    app.addHook('onResponse', async () => {
      note('onResponse');
      responded.emit(String(++count));
    });
    return async (expected) => done[expected - 1];
  };

  test.each(['callback', 'async'] as const)(
    'every hook, %s, of requests over one connection',
    async (style) => {
      create();
      lane();
      for (const phase of PHASES) addPhase(phase, style, () => note(phase));
      const responded = responses();
      app.post('/', async () => {
        note('handler');
        return { lane: name() };
      });
      const { send } = await start();
      for (const [index, version] of ['v2', undefined, 'v3'].entries()) {
        seen = [];
        const expected = version ?? 'baseline';
        const body = await send(version === undefined ? {} : laneHeaders(version), [
          'a'.repeat(70_000),
          'b',
          'c',
        ]);
        expect(body).toBe(`{"lane":"${expected}"}`);
        await responded(index + 1);
        const order = [...PHASES.slice(0, 4), 'handler', ...PHASES.slice(4), 'onResponse'];
        expect(seen).toEqual(order.map((phase) => `${phase} ${expected}`));
      }
    },
  );

  test.each(PHASES)('an error in %s is handled in the lane', async (phase) => {
    create();
    lane();
    app.addHook('onError', (_request, _reply, _error, done) => {
      note('onError');
      done();
    });
    app.setErrorHandler(async (_error, _request, reply) => {
      await takeTurns(1);
      note('errorHandler');
      return reply.code(500).send('failed');
    });
    let failures = 0;
    addPhase(phase, 'async', () => {
      if (name() === 'v2' && failures++ === 0) throw new Error('the hook failed');
    });
    const responded = responses();
    app.post('/', async () => ({ lane: name() }));
    const { send } = await start();
    await send(laneHeaders('v2'), ['body']);
    expect(await send({}, ['body'])).toBe('{"lane":"baseline"}');
    await responded(2);
    expect(new Set(seen)).toEqual(
      new Set(['onError v2', 'errorHandler v2', 'onResponse v2', 'onResponse baseline']),
    );
  });

  test('a request without a route runs in its lane, with and without a notFound handler', async () => {
    create();
    lane();
    void app.register(
      async (child) => {
        child.setNotFoundHandler({ preHandler: async () => note('preHandler') }, async (_request, reply) => {
          note('notFound');
          return reply.code(404).send('nothing here');
        });
      },
      { prefix: '/child' },
    );
    const responded = responses();
    const { send } = await start();
    await send(laneHeaders('v2'), undefined, '/nowhere');
    await send(laneHeaders('v3'), ['body'], '/child/nowhere');
    await responded(2);
    expect(seen).toEqual(['onResponse v2', 'preHandler v3', 'notFound v3', 'onResponse v3']);
  });

  test('hooks, plugins and routes that were registered earlier', async () => {
    create({
      genReqId: () => {
        note('genReqId');
        return '1';
      },
    });
    app.addHook('onRequest', async () => note('hook before'));
    void app.register(async (child) => {
      child.addHook('onRequest', async () => note('child hook before'));
      child.get('/before', async (request) => `${name()} ${request.lane.name}`);
    });
    lane();
    void app.register(async (child) => {
      child.addHook('onRequest', async () => note('child hook after'));
      child.get('/after', async (request) => `${name()} ${request.lane.name}`);
    });
    const { send } = await start();
    expect(await send(laneHeaders('v2'), undefined, '/before')).toBe('v2 v2');
    expect(await send(laneHeaders('v3'), undefined, '/after')).toBe('v3 v3');
    expect(seen).toEqual([
      'genReqId v2',
      'hook before v2',
      'child hook before v2',
      'genReqId v3',
      'hook before v3',
      'child hook after v3',
    ]);
  });

  test('inject, called in another lane', async () => {
    create();
    lane();
    for (const phase of PHASES) addPhase(phase, 'callback', () => note(phase));
    app.post('/', async (request) => {
      note('handler');
      return { read: request.lane.name ?? 'baseline' };
    });
    const inject = (headers: Record<string, string>): Promise<string> =>
      lanes.run(lanes.capture(laneHeaders('outer')), async () => {
        const answer = await app.inject({ method: 'POST', url: '/', headers, payload: { a: 1 } });
        expect(name()).toBe('outer');
        return answer.body;
      });
    const bodies = await Promise.all([inject(laneHeaders('v2')), inject({})]);
    expect(bodies).toEqual(['{"read":"v2"}', '{"read":"baseline"}']);
    expect(new Set(seen.map((line) => line.split(' ')[1]))).toEqual(new Set(['v2', 'baseline']));
    expect(seen).toHaveLength(14);
  });

  test('a raw body, read with listeners and by iteration, and a stream as the reply', async () => {
    create();
    lane();
    app.addContentTypeParser('application/x-parts', (_request, payload, done) => {
      payload.on('data', () => note('parser data'));
      payload.on('end', () => {
        note('parser end');
        done(null, 'parsed');
      });
    });
    app.addContentTypeParser('application/x-raw', (_request, _payload, done) => done(null));
    app.post('/', async (request, reply) => {
      if (request.body === undefined || request.body === null)
        for await (const _chunk of request.raw) note('iteration');
      note('handler');
      return reply.send(slowStream());
    });
    const slowStream = (): NodeJS.ReadableStream => {
      let left = 3;
      return new Readable({
        read() {
          setTimeout(() => {
            note('read');
            this.push(left-- > 0 ? 'x' : null);
          }, 1);
        },
        destroy(error, done) {
          note('destroy');
          done(error);
        },
      });
    };
    const { send } = await start();
    const pieces = ['a'.repeat(40_000), 'b'.repeat(40_000)];
    expect(await send({ ...laneHeaders('v2'), 'content-type': 'application/x-parts' }, pieces)).toBe('xxx');
    expect(await send({ 'content-type': 'application/x-raw' }, pieces)).toBe('xxx');
    expect(await send({ ...laneHeaders('v3'), 'content-type': 'application/x-raw' }, pieces)).toBe('xxx');
    const laneOf = seen.map((line) => line.split(' ').at(-1));
    expect(laneOf.filter((found, index) => found !== laneOf[index - 1])).toEqual(['v2', 'baseline', 'v3']);
    expect(new Set(seen.map((line) => line.split(' ').slice(0, -1).join(' ')))).toEqual(
      new Set(['parser data', 'parser end', 'iteration', 'handler', 'read', 'destroy']),
    );
  });

  test('a preParsing hook that replaces the stream of the body', async () => {
    create();
    lane();
    app.addHook('preParsing', async (request, _reply, payload) => {
      const unzip = request.headers['content-encoding'] === 'gzip' ? createGunzip() : new PassThrough();
      unzip.on('end', () => note('end'));
      return payload.pipe(unzip);
    });
    app.addHook('preValidation', async () => note('preValidation'));
    app.post('/', async (request) => `${(request.body as string).length} ${name()}`);
    const { send } = await start();
    const zipped = gzipSync('a'.repeat(100_000));
    const sendZipped = (headers: Record<string, string>): Promise<string> =>
      send({ ...headers, 'content-encoding': 'gzip' }, [zipped.subarray(0, 20), zipped.subarray(20)]);
    expect(await sendZipped(laneHeaders('v2'))).toBe('100000 v2');
    expect(await sendZipped({})).toBe('100000 baseline');
    expect(await send(laneHeaders('v3'), ['a', 'b'])).toBe('2 v3');
    const laneOf = seen.map((line) => line.split(' ').at(-1));
    expect(laneOf.filter((found, index) => found !== laneOf[index - 1])).toEqual(['v2', 'baseline', 'v3']);
  });
});
