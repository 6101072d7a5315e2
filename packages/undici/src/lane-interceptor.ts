import { type Lanes, lanesFor } from '@laneway/core';
import type { Dispatch } from './dispatch.js';
import { dispatchInLane } from './dispatch-in-lane.js';
import { watchReached } from './reached-dispatchers.js';

/** An interceptor for `compose` of any version of undici. */
export type LaneInterceptor = <D extends (...args: never[]) => unknown>(dispatch: D) => D;

/**
 * Returns an interceptor for undici's `compose`: each request carries the lane of the code that makes it.
 *
 * It works before and after other interceptors. Put it after those that share answers between requests (`cache`, `deduplicate`), so that
 * they see the lane headers and do not share answers across lanes.
 *
 * @param lanes @default the lanes of the process, from `LANEWAY_*`
 * @throws {LanewayAdapterError} when `lanes` are not lanes
 * @example
 * import { Agent, interceptors } from 'undici';
 *
 * const agent = new Agent().compose(interceptors.retry(), interceptors.redirect(), laneInterceptor(lanes));
 */
export function laneInterceptor(lanes?: Lanes): LaneInterceptor {
  const resolved = lanesFor('laneInterceptor', lanes);
  return (<D extends (...args: never[]) => unknown>(dispatch: D): D => {
    const watched = watchReached(dispatch as unknown as Dispatch);
    const attach: Dispatch = (options, handler) => dispatchInLane(watched, options, handler, resolved);
    return attach as unknown as D;
  }) satisfies LaneInterceptor;
}
