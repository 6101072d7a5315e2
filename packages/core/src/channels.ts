import { channel, type Channel } from 'node:diagnostics_channel';
import type { LaneSource } from './policy/lane-sources.js';
import type { LaneContext } from './store/lane-context.js';
import type { OutgoingHeader } from './lanes.js';

/**
 * Why something was not carried.
 *
 * - `egress`: the destination is not allowed
 * - `limit`: over the limits on size or number
 * - `malformed`: not what its grammar says
 * - `shared-session`: sent over an HTTP/2 session that a library shares between callers, so the caller is unknown
 * - `untrusted`: the request's sender may not set a lane
 * - `propagator`: only an instrumentation of OpenTelemetry sees the call, and its propagator must not write lane members. Use the adapter of
 *   Laneway for this client, or set `propagatorSends` in the policy
 */
export type DropReason = 'egress' | 'limit' | 'malformed' | 'shared-session' | 'untrusted' | 'propagator';

/** The message on `laneway:drop`. Values are left out: they may be secret. */
export interface DropMessage {
  readonly reason: DropReason;
  /** Whether it was dropped from an inbound request or from an outgoing call. */
  readonly direction: 'capture' | 'attach';
  /** The header; `baggage` for a member; `undefined` when everything was dropped. A name that is not a token is quoted. */
  readonly header?: string;
  /** The source beside the headers, see `sources` of the policy; `undefined` when it was a header. */
  readonly source?: LaneSource;
  /** The baggage key, if it can be read. */
  readonly key?: string;
  /** The destination's host, with the reasons `egress` and `shared-session`. */
  readonly host?: string;
  /** The instrumentation of OpenTelemetry that sees the call, with reason `propagator`; `undefined` when its span does not name it. */
  readonly instrumentation?: string;
}

/** The message on `laneway:capture`, for each request that carries a lane. */
export interface CaptureMessage {
  readonly lane: LaneContext;
}

/** The message on `laneway:attach`, for each call that a lane was attached to. */
export interface AttachMessage {
  readonly lane: LaneContext;
  /** The headers of the lane that are sent. */
  readonly headers: readonly OutgoingHeader[];
  readonly host: string;
}

/** The channel `laneway:capture`, see {@link CaptureMessage}. */
export const captureChannel: Channel = channel('laneway:capture');
/** The channel `laneway:attach`, see {@link AttachMessage}. */
export const attachChannel: Channel = channel('laneway:attach');
/** The channel `laneway:drop`, see {@link DropMessage}. */
export const dropChannel: Channel = channel('laneway:drop');

/** Publishes a drop if anyone has subscribed. */
export function reportDrop(message: DropMessage): void {
  if (dropChannel.hasSubscribers) dropChannel.publish(message);
}
