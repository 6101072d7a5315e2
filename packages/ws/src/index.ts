export { laneWebSocket } from './lane-web-socket.js';
export type { WebSocketClass } from './lane-web-socket.js';
export { wsLane } from './ws-lane.js';
export type { UpgradeServer } from './ws-lane.js';
