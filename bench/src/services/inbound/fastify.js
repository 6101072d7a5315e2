import { fastifyLane } from '@laneway/fastify';
import fastify from 'fastify';

async function serve(answer, prepare) {
  const app = fastify();
  prepare?.(app);
  app.get('/hello', (request) => answer(request.headers));
  await app.ready();
  return app.server;
}

export const byHand = (call) => serve(call);

export const inRun = (call, run) =>
  serve(
    () => call(),
    (app) => app.addHook('onRequest', (request, _reply, done) => run(request.headers, done)),
  );

export const laneway = (call, lanes) =>
  serve(
    () => call(),
    (app) => app.register(fastifyLane(lanes)),
  );
