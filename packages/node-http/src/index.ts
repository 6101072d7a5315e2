export { attachRequest, type UnsentRequest } from './attach-request.js';
export {
  bindEmitter,
  bindLike,
  contextToEnter,
  isBound,
  lanesOf,
  prepareEmitters,
  runBound,
} from './bind-emitter.js';
export { bindRequest } from './bind-request.js';
export { enterExpressLayers } from './express-layers.js';
export { enterFastifyRoute, moveHookFirst } from './fastify-route.js';
export { callAgent } from './call-agent.js';
export { bindStream } from './bind-stream.js';
export { captureRequest } from './capture-request.js';
export type { CapturedRequest } from './capture-request.js';
export { originalAgent, isAgent, laneAgent } from './lane-agent.js';
export type { CallLane } from './call-lane.js';
export type { HttpAgent } from './lane-agent.js';
export { laneHttp } from './lane-http.js';
export type { HttpModule } from './lane-http.js';
export { isHttpMocked } from './mocked-http.js';
export { enterMiddleware } from './middie-middleware.js';
export { nodeHttpLane } from './node-http-lane.js';
export { enterRequest, runRequest } from './enter-request.js';
export { warnOfSecondLanes } from './second-lanes.js';
export { enterRequests } from './server-requests.js';
export type { EnterRequest } from './server-requests.js';
export { requestTarget } from './request-target.js';
export type { TargetOptions } from './request-target.js';
