export { http2Lane } from './http2-lane.js';
export { laneHttp2 } from './lane-http2.js';
export type { Http2Module } from './lane-http2.js';
export { hasLanes, laneSession } from './lane-session.js';
export { sessionTarget } from './session-target.js';
export type { SessionTarget } from './session-target.js';
export { wrapConnect } from './wrap-connect.js';
export type { Connect, WrapSession } from './wrap-connect.js';
