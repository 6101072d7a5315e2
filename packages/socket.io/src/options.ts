import { wrongArgument } from '@laneway/core';

/** Options of `socketIoLane`. */
export interface SocketIoLaneOptions {
  /**
   * Whether each socket joins a room of its lane, see `laneRoom`. Sockets without a lane join none.
   *
   * @default false
   */
  readonly rooms?: boolean;
}

/** @throws {LanewayAdapterError} when the options are something else */
export function checkOptions(options: SocketIoLaneOptions): void {
  const isRecord = typeof options === 'object' && options !== null;
  const rooms: unknown = isRecord ? options.rooms : undefined;
  if (isRecord && (rooms === undefined || typeof rooms === 'boolean')) return;
  throw wrongArgument('socketIoLane', isRecord ? rooms : options, 'an option', '{ rooms: true } or nothing');
}
