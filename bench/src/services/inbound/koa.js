import { createServer } from 'node:http';
import { koaLane } from '@laneway/koa';
import Koa from 'koa';

function serve(app) {
  const handle = app.callback();
  return createServer((request, response) => void handle(request, response));
}

export function byHand(call) {
  const app = new Koa();
  app.use(async (context) => {
    context.body = await call(context.headers);
  });
  return serve(app);
}

export function laneway(call, lanes) {
  const app = new Koa();
  app.use(koaLane(lanes));
  app.use(async (context) => {
    context.body = await call();
  });
  return serve(app);
}
