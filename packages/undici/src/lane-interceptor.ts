import { type Lanes, lanesFor } from '@laneway/core';
import type { Dispatch } from './dispatch.js';
import { dispatchInLane } from './dispatch-in-lane.js';
import { watchReached } from './hop-watch.js';

/** An interceptor for `compose`, of whichever version of undici. */
export type LaneInterceptor = <D extends (...args: never[]) => unknown>(dispatch: D) => D;

/**
 * Returns an interceptor for undici's `compose` that attaches the lane that each request is made in; before or after others.
 *
 * After those that share answers between requests (`cache`, `deduplicate`), so that they see the lane and do not share across lanes.
 *
 * @param lanes @default the lanes of the process, from `LANEWAY_*`
 * @throws {LanewayAdapterError} when it is handed no lanes
 * @example
 * import { Agent, interceptors } from 'undici';
 *
 * const agent = new Agent().compose(interceptors.retry(), interceptors.redirect(), laneInterceptor(lanes));
 */
export function laneInterceptor(lanes?: Lanes): LaneInterceptor {
  const own = lanesFor('laneInterceptor', lanes);
  return (<D extends (...args: never[]) => unknown>(dispatch: D): D => {
    const passOn = watchReached(dispatch as unknown as Dispatch);
    const attach: Dispatch = (options, handler) => dispatchInLane(passOn, options, handler, own);
    return attach as unknown as D;
  }) satisfies LaneInterceptor;
}
