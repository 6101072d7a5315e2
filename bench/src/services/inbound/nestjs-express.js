import { ExpressAdapter } from '@nestjs/platform-express';
import { serveByHand, serveWithLaneway } from './nestjs.js';

export const byHand = (call) => serveByHand(new ExpressAdapter(), call);

export const laneway = (call, lanes) => serveWithLaneway(new ExpressAdapter(), call, lanes);
