import { FastifyAdapter } from '@nestjs/platform-fastify';
import { waysOver } from './nestjs.js';

export const { byHand, inRun, laneway } = waysOver(
  () => new FastifyAdapter(),
  (app, run) => app.addHook('onRequest', (request, _reply, done) => run(request.headers, done)),
);
