import { type Lanes, lanesFor } from '@laneway/core';

type Next = (error?: unknown) => void;

let isReported = false;

/**
 * Answers for `io.use(socketIoLane)`, where socket.io calls the factory as if it were the middleware.
 *
 * The error is passed to `next`: an error that is thrown there ends the process, because socket.io does not handle it.
 *
 * @param received What socket.io passed in the place of `lanes`: a socket.
 */
export function refuseUncalled(received: unknown, next: Next): void {
  try {
    lanesFor('socketIoLane', received as Lanes);
  } catch (error) {
    if (!isReported) process.emitWarning(error as Error);
    isReported = true;
    next(error);
  }
}
