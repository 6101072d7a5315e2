import { type CaptureMessage, captureChannel, type LaneContext } from '@laneway/core';
import { context, type Span, SpanKind, trace } from '@opentelemetry/api';
import { getRPCMetadata } from '@opentelemetry/core';

/** The attribute of a span that names its lane, unless another one is asked for. */
export const LANE_ATTRIBUTE = 'laneway.lane';

/** Writes the lane's name on a span, when there is one and somebody records it. */
export function setLane(span: Span, attribute: string, lane: LaneContext): void {
  if (!span.isRecording()) return;
  const { name } = lane;
  if (name !== undefined) span.setAttribute(attribute, name);
}

/**
 * Writes each lane that is captured on the server span that it is captured in: the span began before an inbound adapter knew its lane.
 *
 * @returns stops it
 */
export function markServerSpans(attribute: string): () => void {
  const mark = (message: unknown): void => {
    const { lane } = message as CaptureMessage;
    for (const span of serverSpans()) setLane(span, attribute, lane);
  };
  captureChannel.subscribe(mark);
  return () => {
    captureChannel.unsubscribe(mark);
  };
}

/** The span of the request, and that of the middleware in it; a span of any other kind may stand around many requests. */
function serverSpans(): readonly Span[] {
  const active = context.active();
  const span = trace.getSpan(active);
  const server = getRPCMetadata(active)?.span;
  if (server !== undefined) return span === undefined || span === server ? [server] : [server, span];
  // OpenTelemetry's API does not tell the kind of a span, its SDK does.
  return span !== undefined && (span as { kind?: SpanKind }).kind === SpanKind.SERVER ? [span] : [];
}
