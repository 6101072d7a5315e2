import type { IncomingHttpHeaders, ServerHttp2Stream } from 'node:http2';
import type { LaneContext, Lanes } from '@laneway/core';
import {
  bindEmitter,
  captureRequest,
  isBound,
  lanesOf,
  runBound,
  warnOfSecondLanes,
} from '@laneway/node-http';

/** The arguments with which a server or a session emits a stream. */
export type StreamEvent = ['stream', ServerHttp2Stream, IncomingHttpHeaders, flags: number, raw?: string[]];

/**
 * Runs `emit` in the lane of a stream, or at the baseline when it has none. The stream, and the streams that it pushes, emit in that lane
 * from then on.
 */
export function enterStream(
  [, stream, headers, , raw]: StreamEvent,
  lanes: Lanes,
  emit: () => boolean,
): boolean {
  if (isBound(stream)) {
    const first = lanesOf(stream);
    if (first !== lanes && first !== undefined) warnOfSecondLanes(first, lanes);
    return runBound(stream, emit);
  }
  const enter = (): boolean => {
    bindEmitter(stream).place.lanes = lanes;
    stream.pushStream = pushInLane;
    return emit();
  };
  // The object is the unit of work of this stream, as in `runRequest` of node-http.
  return lanes.run(captureStream(lanes, stream, headers, raw), enter, {});
}

function captureStream(
  lanes: Lanes,
  { session }: ServerHttp2Stream,
  headers: IncomingHttpHeaders,
  raw: string[] = [],
): LaneContext {
  // Every property of the socket throws when its session is destroyed.
  const socket = session === undefined || session.destroyed ? undefined : session.socket;
  return captureRequest(lanes, { headers, rawHeaders: raw, socket, url: headers[':path'] });
}

type PushCallback = (error: Error | null, pushed?: ServerHttp2Stream, ...rest: unknown[]) => void;

/** Binds pushed streams to the lane of the stream that pushes them: Node emits their events in the context of the session. */
function pushInLane(this: ServerHttp2Stream, ...args: unknown[]): void {
  const bind =
    (callback: PushCallback): PushCallback =>
    (error, pushed, ...rest) => {
      if (pushed !== undefined) runBound(this, () => bindEmitter(pushed));
      callback(error, pushed, ...rest);
    };
  const bound = args.map((arg) => (typeof arg === 'function' ? bind(arg as PushCallback) : arg));
  const { pushStream } = Object.getPrototypeOf(this) as ServerHttp2Stream;
  Reflect.apply(pushStream, this, bound);
}
