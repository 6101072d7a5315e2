export { bindEmitter } from './bind-emitter.js';
export { isAgent, laneAgent } from './lane-agent.js';
export type { CallLane, HttpAgent } from './lane-agent.js';
export { laneHttp } from './lane-http.js';
export type { HttpModule } from './lane-http.js';
export { nodeHttpLane } from './node-http-lane.js';
export { runRequest } from './run-request.js';
export { requestTarget } from './request-target.js';
export type { TargetOptions } from './request-target.js';
