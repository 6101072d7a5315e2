export type { HandshakeSocket } from './handshake-socket.js';
export { laneRoom } from './lane-room.js';
export type { SocketIoLaneOptions } from './options.js';
export { socketIoLane } from './socket-io-lane.js';
export type { SocketIoMiddleware } from './socket-io-lane.js';
