export { koaLane } from './koa-lane.js';
export type { KoaContext, KoaMiddleware } from './koa-types.js';
