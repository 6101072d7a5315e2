import { LanewayAdapterError } from '@laneway/core';

/** Options of `laneSocketIo`. */
export interface LaneSocketIoOptions {
  /**
   * How long the connection of a lane stays open without use, in milliseconds. `Infinity` keeps it open.
   *
   * @default 60000
   */
  readonly idleTimeout?: number;
  /**
   * How many connections of lanes to one server may be open. The baseline's connection is not counted. At the limit, the least recently
   * used idle connection is closed. If none is idle, what a further lane emits waits in its send buffer until one is.
   *
   * @default 100
   */
  readonly maxConnections?: number;
}

/**
 * Returns the options with their defaults.
 *
 * @throws {LanewayAdapterError} when a value is not a valid number
 */
export function readOptions({
  idleTimeout = 60_000,
  maxConnections = 100,
}: LaneSocketIoOptions = {}): Required<LaneSocketIoOptions> {
  if (typeof idleTimeout !== 'number' || !(idleTimeout >= 0))
    throw new LanewayAdapterError(
      `laneSocketIo received the idleTimeout ${String(idleTimeout)}. Pass milliseconds, such as 60000, or Infinity.`,
    );
  if (typeof maxConnections !== 'number' || !(maxConnections >= 1))
    throw new LanewayAdapterError(
      `laneSocketIo received the maxConnections ${String(maxConnections)}. Pass a number of at least 1, or Infinity.`,
    );
  return { idleTimeout, maxConnections };
}
