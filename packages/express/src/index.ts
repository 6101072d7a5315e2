export { expressLane } from './express-lane.js';
export type { ExpressMiddleware } from './express-lane.js';
