import { createServer, type Server } from 'node:http';
import { BASELINE } from '@laneway/core';
import { nodeHttpLane } from '@laneway/node-http';
import {
  close,
  contractLanes,
  laneHeaders,
  listen,
  openSharedConnection,
  type SharedConnection,
} from '@laneway/testing';
import express from 'express';
import express4 from 'express-4';
import express4Lowest from 'express-4-lowest';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { expressLane } from './index.js';

const lanes = contractLanes();
const name = (): string => lanes.current().name ?? 'baseline';

let connection: SharedConnection;
beforeAll(async () => {
  connection = await lanes.run(BASELINE.set('version', 'connection'), openSharedConnection);
});
afterAll(() => connection.close());

const versions = { 'express 5': express, 'express 4': express4, 'express 4, lowest': express4Lowest };

describe.each(Object.entries(versions))(
  '%s: next is called from the callback of a shared connection',
  (version, framework) => {
    const otherCopy = version === 'express 5' ? express4 : express;
    let server: Server | undefined;
    afterEach(async () => {
      if (server !== undefined) await close(server);
    });

    /** Sends 20 requests. Returns the parts that ran, and those that ran in the wrong lane. */
    const ask = async (
      app: express.Express,
      path: string,
      wrap = (original: Server): Server => original,
    ): Promise<{ body: string; wrong: string[] }> => {
      const started = (server = wrap(createServer(app)));
      const port = await listen(started);
      const bodies = new Set<string>();
      const wrong: string[] = [];
      const calls = Array.from({ length: 20 }, async (_, index) => {
        const lane = index % 4 === 3 ? 'baseline' : `v${index}`;
        const headers = lane === 'baseline' ? {} : laneHeaders(lane);
        const text = await (await fetch(`http://127.0.0.1:${port}${path}`, { headers })).text();
        bodies.add(text.replaceAll(/ in [^,]+/g, ''));
        wrong.push(...text.split(', ').filter((part) => !part.endsWith(` in ${lane}`)));
      });
      await Promise.all(calls);
      return { body: [...bodies].join(' | '), wrong };
    };

    const note = (response: express.Response, what: string): void => {
      response.locals.seen = [
        ...((response.locals.seen as string[] | undefined) ?? []),
        `${what} in ${name()}`,
      ];
    };
    /** Middleware that calls `next`, optionally with an error, from the callback of the shared connection. */
    const nextFromConnection =
      (what: string, error?: unknown): express.RequestHandler =>
      (_request, response, next) => {
        note(response, what);
        connection.query(() => next(error));
      };
    const answer: express.RequestHandler = (_request, response) => {
      note(response, 'handler');
      response.send((response.locals.seen as string[]).join(', '));
    };
    const answerError: express.ErrorRequestHandler = (error, _request, response, _next) => {
      note(response, `error ${String(error)}`);
      response.send((response.locals.seen as string[]).join(', '));
    };
    const nextErrorFromConnection: express.ErrorRequestHandler = (error, _request, response, next) => {
      note(response, 'error middleware');
      connection.query(() => next(error));
    };
    const param =
      (what: string): express.RequestParamHandler =>
      (_request, response, next) => {
        note(response, what);
        connection.query(() => next());
      };
    const laneApp = (): express.Express => {
      const app = framework();
      app.use(expressLane(lanes));
      return app;
    };

    test('middleware, the handlers of a route, and the next route', async () => {
      const app = laneApp();
      app.use(nextFromConnection('one'), nextFromConnection('two'));
      app.get('/', nextFromConnection('three'), nextFromConnection('four', 'route'), answer);
      app.get('/', nextFromConnection('five'), answer);
      expect(await ask(app, '/')).toEqual({ body: 'one, two, three, four, five, handler', wrong: [] });
    });

    test('error handlers', async () => {
      const app = laneApp();
      app.get('/', nextFromConnection('one', 'failed'), answer);
      app.use(nextErrorFromConnection, answerError);
      expect(await ask(app, '/')).toEqual({ body: 'one, error middleware, error failed', wrong: [] });
    });

    test('nested routers, and the middleware after them', async () => {
      const app = laneApp();
      const [outer, inner] = [framework.Router(), framework.Router()];
      inner.get('/', nextFromConnection('inner'));
      outer.use('/b', nextFromConnection('outer'), inner);
      outer.use(nextFromConnection('behind'));
      app.use('/a', outer);
      app.use(answer);
      expect(await ask(app, '/a/b')).toEqual({ body: 'outer, inner, behind, handler', wrong: [] });
    });

    test('mounted apps, and the middleware after them', async () => {
      const app = laneApp();
      const [mounted, inner] = [framework(), framework()];
      inner.param('id', param('param'));
      inner.get('/:id', nextFromConnection('inner'));
      mounted.use(nextFromConnection('mounted'), inner);
      app.use('/a', nextFromConnection('one'), mounted);
      app.use(nextFromConnection('behind'), answer);
      expect(await ask(app, '/a/7')).toEqual({
        body: 'one, mounted, param, inner, behind, handler',
        wrong: [],
      });
    });

    test('param callbacks of apps and routers, registered before and after the first request', async () => {
      const app = laneApp();
      app.param('id', param('app'));
      const router = framework.Router();
      router.param('name', param('router'));
      app.use(nextFromConnection('one'));
      app.get('/warm', answer);
      app.get('/:id', nextFromConnection('two'));
      app.use('/:id', router);
      router.get('/:name', answer);
      await ask(app, '/warm');
      if (server !== undefined) await close(server);
      app.param('id', param('later'));
      router.param('name', param('router later'));
      expect(await ask(app, '/7/x')).toEqual({
        body: 'one, app, later, router, router later, handler',
        wrong: [],
      });
    });

    test('routers and apps of another copy of express', async () => {
      const app = laneApp();
      const router = otherCopy.Router();
      router.param('id', param('param'));
      router.get('/:id', nextFromConnection('other router'), nextFromConnection('two'));
      app.use('/a', nextFromConnection('one'), router);
      const mounted = otherCopy();
      mounted.param('id', param('other param'));
      mounted.get('/:id', nextFromConnection('other app'), nextFromConnection('three'));
      app.use('/a', mounted);
      app.use(answer);
      expect(await ask(app, '/a/7')).toEqual({
        body: 'one, param, other router, two, other param, other app, three, handler',
        wrong: [],
      });
    });

    test('middleware and routers that are added after the first request', async () => {
      const app = laneApp();
      app.get('/warm', nextFromConnection('warm'), answer);
      await ask(app, '/warm');
      if (server !== undefined) await close(server);
      const router = framework.Router();
      router.get('/', nextFromConnection('later'), answer);
      app.use('/later', nextFromConnection('one'), router);
      expect(await ask(app, '/later')).toEqual({ body: 'one, later, handler', wrong: [] });
    });

    test('a lane that middleware sets: everything after it runs in that lane', async () => {
      const app = laneApp();
      app.use(async (request, _response, next) => {
        await new Promise((done) => void setImmediate(done));
        lanes.run(lanes.current().set('version', `${String(request.headers.version)}-set`), next);
      });
      // `ask` expects the lane of the request, so this handler compares with the lane that was set and reports the original one.
      const strip: express.RequestHandler = (request, response) => {
        const expected = `${String(request.headers.version)}-set`;
        response.send(
          name() === expected ? `right in ${String(request.headers.version ?? 'baseline')}` : name(),
        );
      };
      app.get('/', nextFromConnection('one'), strip);
      expect(await ask(app, '/')).toEqual({ body: 'right', wrong: [] });
    });

    test('the adapter in a router, on a server that already has one, and twice', async () => {
      const app = framework();
      const router = framework.Router();
      router.use(
        expressLane(lanes),
        expressLane(lanes),
        nextFromConnection('one'),
        expressLane(lanes),
        nextFromConnection('two'),
        answer,
      );
      app.use(nextFromConnection('before'), router);
      expect(await ask(app, '/', (original) => nodeHttpLane(original, lanes))).toEqual({
        body: 'before, one, two, handler',
        wrong: [],
      });
    });

    // Uses a copy of express that no other test uses: Laneway patches each copy once, and the patch stays.
    test.runIf(version === 'express 5')(
      'an app of another copy of express, from the second request on',
      async () => {
        const app = laneApp();
        const mounted = express4Lowest();
        mounted.param('id', param('param'));
        mounted.get('/:id', nextFromConnection('one'), nextFromConnection('two'), answer);
        app.use(mounted);
        app.get('/', answer);
        await ask(app, '/');
        if (server !== undefined) await close(server);
        expect(await ask(app, '/7')).toEqual({ body: 'param, one, two, handler', wrong: [] });
      },
    );
  },
);
