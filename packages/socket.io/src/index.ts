export type { HandshakeSocket } from './handshake-socket.js';
export { socketIoLane } from './socket-io-lane.js';
export type { SocketIoMiddleware } from './socket-io-lane.js';
