import { type Lanes, lanesFor } from '@laneway/core';
import { type Context, context, type Span } from '@opentelemetry/api';
import { LANE_ATTRIBUTE, markServerSpans, setLane } from './lane-span.js';

/** Options of {@link LaneSpanProcessor}. */
export interface LaneSpanProcessorOptions {
  /** @default the lanes of the process, from `LANEWAY_*` */
  readonly lanes?: Lanes | undefined;
  /** The attribute that holds the lane's name. @default 'laneway.lane' */
  readonly attribute?: string | undefined;
}

/**
 * Writes the lane's name on every recorded span that starts in a lane, and on the server span of a request whose lane an inbound adapter
 * captures later. A `SpanProcessor` of SDK 2 and 3.
 *
 * @example
 * new NodeSDK({
 *   spanProcessors: [new LaneSpanProcessor({ lanes }), new BatchSpanProcessor(new OTLPTraceExporter())],
 * });
 */
export class LaneSpanProcessor {
  readonly #lanes: Lanes;
  readonly #attribute: string;
  readonly #stop: () => void;

  /** @throws {LanewayAdapterError} when `lanes` is not the result of `defineLanes` */
  constructor(options: LaneSpanProcessorOptions = {}) {
    this.#lanes = lanesFor('LaneSpanProcessor', options.lanes);
    this.#attribute = options.attribute ?? LANE_ATTRIBUTE;
    this.#stop = markServerSpans(this.#attribute);
  }

  onStart(span: Span, parentContext: Context): void {
    const lane = context.with(parentContext, this.#lanes.current);
    setLane(span, this.#attribute, lane);
  }

  onEnd(): void {}

  async forceFlush(): Promise<void> {}

  async shutdown(): Promise<void> {
    this.#stop();
  }
}
