import { ExpressAdapter } from '@nestjs/platform-express';
import { waysOver } from './nestjs.js';

export const { byHand, inRun, laneway } = waysOver(
  () => new ExpressAdapter(),
  (app, run) => app.use((request, _response, next) => run(request.headers, next)),
);
