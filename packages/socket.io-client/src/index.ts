export { laneSocketIo } from './lane-socket-io.js';
export type { SocketIoFactory } from './lane-socket-io.js';
export type { LaneSocketIoOptions } from './options.js';
