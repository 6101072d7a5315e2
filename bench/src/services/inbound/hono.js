import { createAdaptorServer } from '@hono/node-server';
import { honoLane } from '@laneway/hono';
import { Hono } from 'hono';

const headersOf = (context) => ({ baggage: context.req.header('baggage') });

function serve(answer, middleware) {
  const app = new Hono();
  if (middleware) app.use(middleware);
  app.get('/hello', async (context) => context.text(await answer(context)));
  return createAdaptorServer({ fetch: app.fetch });
}

export const byHand = (call) => serve((context) => call(headersOf(context)));

export const inRun = (call, run) =>
  serve(
    () => call(),
    (context, next) => run(headersOf(context), next),
  );

export const laneway = (call, lanes) => serve(() => call(), honoLane(lanes));
