export { bindEmitter } from './bind-emitter.js';
export { nodeHttpLane } from './node-http-lane.js';
export { runRequest } from './run-request.js';
