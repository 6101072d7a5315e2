import { fastifyLane } from '@laneway/fastify';
import fastify from 'fastify';

async function serve(app) {
  await app.ready();
  return app.server;
}

export function byHand(call) {
  const app = fastify();
  app.get('/hello', (request) => call(request.headers));
  return serve(app);
}

export function laneway(call, lanes) {
  const app = fastify();
  app.register(fastifyLane(lanes));
  app.get('/hello', () => call());
  return serve(app);
}
