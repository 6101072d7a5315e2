import { FastifyAdapter } from '@nestjs/platform-fastify';
import { serveByHand, serveWithLaneway } from './nestjs.js';

export const byHand = (call) => serveByHand(new FastifyAdapter(), call);

export const laneway = (call, lanes) => serveWithLaneway(new FastifyAdapter(), call, lanes);
