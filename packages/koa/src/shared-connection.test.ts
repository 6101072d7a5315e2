import { createServer, type Server } from 'node:http';
import { BASELINE, type Lanes } from '@laneway/core';
import {
  close,
  contractLanes,
  laneHeaders,
  listen,
  openSharedConnection,
  openWire,
  type SharedConnection,
} from '@laneway/testing';
import type Koa from 'koa';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { koaLane } from './index.js';
import { versions } from './versions.fixture.js';

const lanes: Lanes = contractLanes();
const name = (): string => lanes.current().name ?? 'baseline';
const LANES = [...Array.from({ length: 8 }, (_, index) => `v${index}`), 'baseline'];

/** Composes middleware as koa-compose does. */
const composeMiddleware =
  (list: readonly Koa.Middleware[]): Koa.Middleware =>
  (ctx, next) => {
    const dispatch = async (index: number): Promise<unknown> =>
      index === list.length ? next() : list[index]?.(ctx, () => dispatch(index + 1));
    return dispatch(0);
  };

describe.each(versions)('%s, a shared connection', (_version, Framework) => {
  let app: Koa;
  let server: Server;
  let shared: SharedConnection;
  let seen: string[];
  const laneOf = (ctx: Koa.Context): string => ctx.get('version') || 'baseline';
  const note =
    (place: string): Koa.Middleware =>
    (ctx, next) => {
      seen.push(`${laneOf(ctx)} ${place} ${name()}`);
      return next();
    };
  /** Calls `next` from the callback of a connection that all requests share. */
  const overShared: Koa.Middleware = (_ctx, next) => new Promise((done) => shared.query(() => done(next())));
  const answer: Koa.Middleware = (ctx) => {
    ctx.body = name();
  };
  const expectRight = (places: readonly string[]): void =>
    expect(seen.toSorted()).toEqual(
      LANES.flatMap((lane) => places.map((place) => `${lane} ${place} ${lane}`)).toSorted(),
    );
  const sendAll = async (): Promise<string[]> => {
    const listener = app.callback();
    server = createServer((request, response) => void listener(request, response));
    const port = await lanes.run(BASELINE.set('version', 'starter'), () => listen(server));
    return Promise.all(
      LANES.map(async (lane) => {
        const wire = openWire(port);
        const body = await wire.send(lane === 'baseline' ? {} : laneHeaders(lane));
        wire.close();
        return body;
      }),
    );
  };
  beforeEach(async () => {
    shared = await lanes.run(BASELINE.set('version', 'opener'), openSharedConnection);
    seen = [];
    app = new Framework();
    app.use(koaLane(lanes));
  });
  afterEach(async () => {
    await close(server);
    await shared.close();
  });

  test('middleware after koaLane', async () => {
    app.use(overShared).use(note('first')).use(overShared).use(note('second')).use(answer);
    expect(await sendAll()).toEqual(LANES);
    expectRight(['first', 'second']);
  });

  test('an error, in middleware that catches it and in app.on(error)', async () => {
    app.on('error', (_error, ctx: Koa.Context) => seen.push(`${laneOf(ctx)} application ${name()}`));
    app.use(overShared).use(async (ctx, next) => {
      await next().catch((error: unknown) => {
        seen.push(`${laneOf(ctx)} caught ${name()}`);
        throw error;
      });
    });
    app.use(overShared).use((ctx) => ctx.throw(500, name()));
    await sendAll();
    expectRight(['caught', 'application']);
  });

  test('the routes of @koa/router', async () => {
    const stack = [{ stack: [overShared, note('first')] }, { stack: [overShared, note('second'), answer] }];
    const routes: Koa.Middleware = (ctx, next) =>
      composeMiddleware(stack.flatMap((layer) => layer.stack))(ctx, next);
    app.use(Object.assign(routes, { router: { stack } }));
    expect(await sendAll()).toEqual(LANES);
    expectRight(['first', 'second']);
  });

  test('one koaLane in a router and after it', async () => {
    const lane = koaLane(lanes) as Koa.Middleware;
    const stack = [{ stack: [lane, overShared, lane, note('route')] }];
    const routes: Koa.Middleware = (ctx, next) =>
      composeMiddleware(stack.flatMap((layer) => layer.stack))(ctx, next);
    app = new Framework();
    app.use(Object.assign(routes, { router: { stack } }));
    app.use(lane).use(answer);
    expect(await sendAll()).toEqual(LANES);
    expectRight(['route']);
  });

  test('a second koaLane inside composed middleware re-enters the lane', async () => {
    app.use(composeMiddleware([overShared, koaLane(lanes), note('composed')]));
    app.use(answer);
    expect(await sendAll()).toEqual(LANES);
    expectRight(['composed']);
  });

  test('middleware that is added after the first request', async () => {
    app.use(overShared).use(note('first'));
    await sendAll();
    await close(server);
    app.use(answer);
    expect(await sendAll()).toEqual(LANES);
  });

  test('instrumentation that wraps every middleware without its mark', async () => {
    const MARK = Symbol('koa-layer-patched');
    app = new Framework();
    const useInstrumented = (middleware: Koa.Middleware): void => {
      const isMarked = (middleware as unknown as Record<symbol, unknown>)[MARK] === true;
      app.use(isMarked ? middleware : async (ctx, next) => middleware(ctx, next));
    };
    for (const middleware of [koaLane(lanes), overShared, note('first'), answer]) useInstrumented(middleware);
    expect(await sendAll()).toEqual(LANES);
    expectRight(['first']);
  });

  test('calling next twice still fails', async () => {
    app.use(async (ctx, next) => {
      await next();
      ctx.body = await next().catch((error: Error) => error.message);
    });
    app.use(answer);
    expect(new Set(await sendAll())).toEqual(new Set(['next() called multiple times']));
  });
});
