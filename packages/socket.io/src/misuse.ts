import { LanewayAdapterError, type Lanes } from '@laneway/core';

type Next = (error?: unknown) => void;

let isUncalledReported = false;

/**
 * Answers for `io.use(socketIoLane)`, where socket.io calls the factory as if it were the middleware.
 *
 * The error is passed to `next`: an error that is thrown there ends the process, because socket.io does not handle it.
 */
export function refuseUncalled(next: Next): void {
  const error = new LanewayAdapterError(
    'socketIoLane was called with a Socket instead of lanes. Write io.use(socketIoLane()), or io.use(socketIoLane(lanes)), ' +
      'instead of io.use(socketIoLane).',
  );
  if (!isUncalledReported) process.emitWarning(error);
  isUncalledReported = true;
  next(error);
}

const warned = new WeakSet<Lanes>();

/** Warns that a namespace has two middlewares with different lanes; once for each `lanes` that has no effect. */
export function warnOfSecondLanes(lanes: Lanes): void {
  if (warned.has(lanes)) return;
  warned.add(lanes);
  process.emitWarning(
    'A socket.io namespace has two socketIoLane middlewares with two different lanes. The first one decides the lane of each socket. ' +
      'Pass the same lanes to both.',
    { type: 'LanewayWarning', code: 'LANEWAY_TWO_LANES' },
  );
}
