import { createServer } from 'node:http';
import { koaLane } from '@laneway/koa';
import Koa from 'koa';

function serve(answer, middleware) {
  const app = new Koa();
  if (middleware) app.use(middleware);
  app.use(async (context) => {
    context.body = await answer(context.headers);
  });
  const handle = app.callback();
  return createServer((request, response) => void handle(request, response));
}

export const byHand = (call) => serve(call);

export const inRun = (call, run) =>
  serve(
    () => call(),
    (context, next) => run(context.headers, next),
  );

export const laneway = (call, lanes) => serve(() => call(), koaLane(lanes));
