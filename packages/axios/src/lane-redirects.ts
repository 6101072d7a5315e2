import { type AttachedHeader, attachedHeaders, detachHeaders } from '@laneway/core';
import { type CallLane, requestTarget, type TargetOptions } from '@laneway/node-http';

/** The options of a hop, as axios passes them to its option `beforeRedirect`. */
interface HopOptions extends TargetOptions {
  headers: Record<string, unknown>;
}

/** axios' option `beforeRedirect`: called before each hop but the first. */
type BeforeRedirect = (options: HopOptions, ...details: unknown[]) => void;

/**
 * Returns the option `beforeRedirect` for a call whose headers carry the lane. axios copies headers from hop to hop, so this removes the
 * lane of the previous hop, calls the original, and attaches the lane if egress allows the next destination.
 *
 * @param attached the headers that were added to the first hop
 */
export function laneRedirects(
  original: unknown,
  attached: readonly AttachedHeader[],
  { lanes, lane }: CallLane,
): BeforeRedirect {
  let last = attached;
  return (options, ...details) => {
    options.headers = detachHeaders(options.headers, last);
    if (typeof original === 'function') Reflect.apply(original, undefined, [options, ...details]);
    const before = options.headers;
    options.headers = lanes.attach(before, { to: requestTarget(options) ?? [], lane });
    last = attachedHeaders(before, options.headers);
  };
}
