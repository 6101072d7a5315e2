export { laneDispatcher } from './lane-dispatcher.js';
export type { AnyDispatcher } from './lane-dispatcher.js';
export { laneFetch } from './lane-fetch.js';
export type { Fetch } from './lane-fetch.js';
export { laneInterceptor } from './lane-interceptor.js';
export type { LaneInterceptor } from './lane-interceptor.js';
