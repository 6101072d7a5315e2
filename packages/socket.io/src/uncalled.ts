import { LanewayAdapterError, type Lanes, lanesFor } from '@laneway/core';

type Next = (error?: unknown) => void;

const reported = new Set<string>();

/**
 * Refuses the client after `io.use(socketIoLane)`, where socket.io calls the factory as if it were the middleware.
 *
 * @param received what socket.io passed in the place of `lanes`: a socket
 */
export function refuseUncalled(received: unknown, next: Next): void {
  try {
    lanesFor('socketIoLane', received as Lanes);
  } catch (error) {
    refuse(error as Error, next);
  }
}

/**
 * Refuses the client after `io.engine.use(...)`, where engine.io passes a request, a response and `next`.
 *
 * @param written what was passed to `io.engine.use`
 */
export function refuseEngine(written: string, next: unknown): void {
  const error = new LanewayAdapterError(
    'socketIoLane was called with a request of engine.io instead of a socket. ' +
      `Write io.use(socketIoLane()), or io.use(socketIoLane(lanes)), instead of io.engine.use(${written}).`,
  );
  refuse(error, next as Next);
}

/** Warns once and passes the error to `next`. socket.io and engine.io do not catch what a middleware throws: it would end the process. */
function refuse(error: Error, next: Next): void {
  if (!reported.has(error.message)) process.emitWarning(error);
  reported.add(error.message);
  next(error);
}
