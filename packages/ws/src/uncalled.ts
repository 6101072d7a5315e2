import { wrongArgument } from '@laneway/core';

let isReported = false;

/**
 * Answers for `server.on('connection', wsLane)`, where ws calls the adapter with a socket and its request. Closes the socket.
 *
 * The process warns instead of throwing: an error that is thrown there ends the process, because ws does not handle it.
 *
 * @returns whether the arguments are those of a `connection` listener
 */
export function refuseUncalled(socket: unknown, request: unknown): boolean {
  if (!has(socket, 'send') || !has(socket, 'close') || !has(request, 'headers')) return false;
  const error = wrongArgument(
    'wsLane',
    socket,
    'a WebSocketServer',
    "the server, wsLane(server, lanes), and don't register wsLane as a listener",
  );
  if (!isReported) process.emitWarning(error);
  isReported = true;
  (socket as { close: (code: number) => void }).close(1011);
  return true;
}

function has(value: unknown, name: string): boolean {
  return typeof value === 'object' && value !== null && name in value;
}
