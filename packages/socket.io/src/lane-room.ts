import type { HandshakeSocket } from './handshake-socket.js';

/**
 * Returns the name of the room that the sockets of a lane join with `socketIoLane(lanes, { rooms: true })`.
 *
 * @param name the lane's name, the value of the policy's key
 * @example
 * io.to(laneRoom('v2')).emit('news'); // only to sockets of lane v2, on all nodes
 */
export function laneRoom(name: string): string {
  return `laneway:${name}`;
}

/** Makes a socket join the room of its lane. */
export function joinLaneRoom(socket: HandshakeSocket, name: string): void {
  report(() => socket.join?.(laneRoom(name)));
}

/** Sets `socket.data.lane`, which `fetchSockets` shows on all nodes. Keeps what the application has set. */
export function showLane({ data }: HandshakeSocket, name: string): void {
  if (typeof data !== 'object' || data === null || Object.hasOwn(data, 'lane')) return;
  Reflect.set(data, 'lane', name);
}

/** Removes the lane and its room from a recovered socket: socket.io restores both, and the new handshake may have another lane. */
export function forgetRecoveredLane(socket: HandshakeSocket): void {
  const { data, recovered } = socket;
  if (recovered !== true || typeof data !== 'object' || data === null || !Object.hasOwn(data, 'lane')) return;
  const { lane } = data as { lane: unknown };
  Reflect.deleteProperty(data, 'lane');
  if (typeof lane === 'string') report(() => socket.leave?.(laneRoom(lane)));
}

/** An adapter of a cluster may fail, at once or later. The socket works without its room. */
function report(change: () => unknown): void {
  const warn = (error: unknown): void =>
    process.emitWarning(`A socket could not change its lane's room: ${String(error)}`, {
      type: 'LanewayWarning',
      code: 'LANEWAY_ROOM',
    });
  try {
    Promise.resolve(change()).catch(warn);
  } catch (error) {
    warn(error);
  }
}
