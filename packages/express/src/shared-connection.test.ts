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
    const foreign = version === 'express 5' ? express4 : express;
    let server: Server | undefined;
    afterEach(async () => {
      if (server !== undefined) await close(server);
    });

    /** Where each part of a request ran, and what was not in the lane of its request. */
    const ask = async (
      app: express.Express,
      path: string,
      wrap = (plain: Server): Server => plain,
    ): Promise<{ body: string; wrong: string[] }> => {
      const own = (server = wrap(createServer(app)));
      const port = await listen(own);
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
    /** A middleware that calls `next` from the connection, perhaps with an error. */
    const leave =
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
    const leaveError: express.ErrorRequestHandler = (error, _request, response, next) => {
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

    test('middlewares, the handlers of a route, and what follows a route', async () => {
      const app = laneApp();
      app.use(leave('one'), leave('two'));
      app.get('/', leave('three'), leave('four', 'route'), answer);
      app.get('/', leave('five'), answer);
      expect(await ask(app, '/')).toEqual({ body: 'one, two, three, four, five, handler', wrong: [] });
    });

    test('error handlers', async () => {
      const app = laneApp();
      app.get('/', leave('one', 'own'), answer);
      app.use(leaveError, answerError);
      expect(await ask(app, '/')).toEqual({ body: 'one, error middleware, error own', wrong: [] });
    });

    test('routers in routers, and what follows them', async () => {
      const app = laneApp();
      const [outer, inner] = [framework.Router(), framework.Router()];
      inner.get('/', leave('inner'));
      outer.use('/b', leave('outer'), inner);
      outer.use(leave('behind'));
      app.use('/a', outer);
      app.use(answer);
      expect(await ask(app, '/a/b')).toEqual({ body: 'outer, inner, behind, handler', wrong: [] });
    });

    test('mounted apps, and what follows them', async () => {
      const app = laneApp();
      const [mounted, inner] = [framework(), framework()];
      inner.param('id', param('param'));
      inner.get('/:id', leave('inner'));
      mounted.use(leave('mounted'), inner);
      app.use('/a', leave('one'), mounted);
      app.use(leave('behind'), answer);
      expect(await ask(app, '/a/7')).toEqual({
        body: 'one, mounted, param, inner, behind, handler',
        wrong: [],
      });
    });

    test('the functions of param, of apps and routers, that are there and that come later', async () => {
      const app = laneApp();
      app.param('id', param('app'));
      const router = framework.Router();
      router.param('name', param('router'));
      app.use(leave('one'));
      app.get('/warm', answer);
      app.get('/:id', leave('two'));
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
      const router = foreign.Router();
      router.param('id', param('param'));
      router.get('/:id', leave('foreign router'), leave('two'));
      app.use('/a', leave('one'), router);
      const mounted = foreign();
      mounted.param('id', param('foreign param'));
      mounted.get('/:id', leave('foreign app'), leave('three'));
      app.use('/a', mounted);
      app.use(answer);
      expect(await ask(app, '/a/7')).toEqual({
        body: 'one, param, foreign router, two, foreign param, foreign app, three, handler',
        wrong: [],
      });
    });

    test('what was added after the first request', async () => {
      const app = laneApp();
      app.get('/warm', leave('warm'), answer);
      await ask(app, '/warm');
      if (server !== undefined) await close(server);
      const router = framework.Router();
      router.get('/', leave('later'), answer);
      app.use('/later', leave('one'), router);
      expect(await ask(app, '/later')).toEqual({ body: 'one, later, handler', wrong: [] });
    });

    test('a lane that a middleware set: what is behind it is in that lane', async () => {
      const app = laneApp();
      app.use(async (request, _response, next) => {
        await new Promise((done) => void setImmediate(done));
        lanes.run(lanes.current().set('version', `${String(request.headers.version)}-set`), next);
      });
      // The handler is in the lane that was set, and says that of its request.
      const strip: express.RequestHandler = (request, response) => {
        const expected = `${String(request.headers.version)}-set`;
        response.send(
          name() === expected ? `right in ${String(request.headers.version ?? 'baseline')}` : name(),
        );
      };
      app.get('/', leave('one'), strip);
      expect(await ask(app, '/')).toEqual({ body: 'right', wrong: [] });
    });

    test('the adapter in a router, below a server that has one, and twice', async () => {
      const app = framework();
      const router = framework.Router();
      router.use(
        expressLane(lanes),
        expressLane(lanes),
        leave('one'),
        expressLane(lanes),
        leave('two'),
        answer,
      );
      app.use(leave('before'), router);
      expect(await ask(app, '/', (plain) => nodeHttpLane(plain, lanes))).toEqual({
        body: 'before, one, two, handler',
        wrong: [],
      });
    });

    // First, as what is entered of a copy stays entered.
    test.runIf(version === 'express 5')(
      'an app of another copy of express, from its second request',
      async () => {
        const app = laneApp();
        const mounted = express4Lowest();
        mounted.param('id', param('param'));
        mounted.get('/:id', leave('one'), leave('two'), answer);
        app.use(mounted);
        app.get('/', answer);
        await ask(app, '/');
        if (server !== undefined) await close(server);
        expect(await ask(app, '/7')).toEqual({ body: 'param, one, two, handler', wrong: [] });
      },
    );
  },
);
