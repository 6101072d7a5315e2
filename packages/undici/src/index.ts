export { CallDispatcher, dispatcherOf } from './call-dispatcher.js';
export { isDispatcher } from './dispatch.js';
export type { Dispatch, Dispatcher, DispatchOptions } from './dispatch.js';
export { dispatchInLane } from './dispatch-in-lane.js';
export {
  globalDispatchers,
  hasGlobalDispatcher,
  lendGlobalDispatcher,
  lentDispatcher,
} from './global-dispatcher.js';
export { laneDispatcher, wrapDispatcher } from './lane-dispatcher.js';
export type { AnyDispatcher } from './lane-dispatcher.js';
export { laneInterceptor } from './lane-interceptor.js';
export type { LaneInterceptor } from './lane-interceptor.js';
export { noteProxy } from './hop-watch.js';
export { findBases, findPools, findProxyAgents, isBase } from './undici-copies.js';
export type { DispatcherBase } from './undici-copies.js';
export { laneEventSource, laneWebSocket } from './lane-event-target.js';
export type { EventTargetClass } from './lane-event-target.js';
