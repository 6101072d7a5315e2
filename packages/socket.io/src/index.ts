export { socketIoLane } from './socket-io-lane.js';
export type { HandshakeSocket, SocketIoMiddleware } from './socket-io-lane.js';
