import { createAdaptorServer } from '@hono/node-server';
import { honoLane } from '@laneway/hono';
import { Hono } from 'hono';

const serve = (app) => createAdaptorServer({ fetch: app.fetch });

export function byHand(call) {
  const app = new Hono();
  app.get('/hello', async (context) => context.text(await call({ baggage: context.req.header('baggage') })));
  return serve(app);
}

export function laneway(call, lanes) {
  const app = new Hono();
  app.use(honoLane(lanes));
  app.get('/hello', async (context) => context.text(await call()));
  return serve(app);
}
