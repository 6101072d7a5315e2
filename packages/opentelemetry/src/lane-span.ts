import { type CaptureMessage, captureChannel, type LaneContext } from '@laneway/core';
import { context, type Span, SpanKind, trace } from '@opentelemetry/api';
import { getRPCMetadata } from '@opentelemetry/core';

/** The default attribute for the lane's name. */
export const LANE_ATTRIBUTE = 'laneway.lane';

/** Writes the lane's name on a span that is recorded. At the baseline there is no name, and nothing is written. */
export function setLane(span: Span, attribute: string, lane: LaneContext): void {
  if (!span.isRecording()) return;
  const { name } = lane;
  if (name !== undefined) span.setAttribute(attribute, name);
}

/**
 * Writes each captured lane on the server span of its request: the span started before an inbound adapter knew the lane.
 *
 * @returns a function that stops this
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

/** The server span of the request and the active middleware span. A span of any other kind may cover many requests. */
function serverSpans(): readonly Span[] {
  const active = context.active();
  const span = trace.getSpan(active);
  const server = getRPCMetadata(active)?.span;
  if (server !== undefined) return span === undefined || span === server ? [server] : [server, span];
  // The kind of a span is part of OpenTelemetry's SDK, not of its API.
  return span !== undefined && (span as { kind?: SpanKind }).kind === SpanKind.SERVER ? [span] : [];
}
