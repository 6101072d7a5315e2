import { type Lanes, lanesFor } from '@laneway/core';
import { instrumentHttp } from '@laneway/instrument';
import manifest from '../package.json' with { type: 'json' };
import { LANE_ATTRIBUTE, markServerSpans } from './lane-span.js';

/** The configuration of {@link LaneInstrumentation}. */
export interface LaneInstrumentationConfig {
  /** @default the lanes of the process, from `LANEWAY_*` */
  readonly lanes?: Lanes | undefined;
  /** The attribute of server spans that holds the lane's name. @default 'laneway.lane' */
  readonly attribute?: string | undefined;
  /** @default true */
  readonly enabled?: boolean;
}

/**
 * Attaches the current lane to every http, fetch and undici call of the process where egress allows it, and names the lane on server
 * spans. An `Instrumentation` of SDK 2 and 3. It works from its construction, also with `OTEL_SDK_DISABLED` and wherever it stands among
 * the other instrumentations.
 *
 * @example
 * new NodeSDK({
 *   textMapPropagator: new LanePropagator({ lanes }),
 *   instrumentations: [getNodeAutoInstrumentations(), new LaneInstrumentation({ lanes })],
 * }).start();
 */
export class LaneInstrumentation {
  readonly instrumentationName: string = manifest.name;
  readonly instrumentationVersion: string = manifest.version;
  readonly #lanes: Lanes;
  #config: LaneInstrumentationConfig = {};
  #undo: (() => void) | undefined;

  /** @throws {LanewayAdapterError} when `lanes` is not the result of `defineLanes` */
  constructor(config: LaneInstrumentationConfig = {}) {
    this.#lanes = lanesFor('LaneInstrumentation', config.lanes);
    this.setConfig(config);
    if (config.enabled !== false) this.enable();
  }

  enable(): void {
    if (this.#undo !== undefined) return;
    const http = instrumentHttp(this.#lanes);
    const stopSpans = markServerSpans(this.#config.attribute ?? LANE_ATTRIBUTE);
    this.#undo = () => {
      http.restore();
      stopSpans();
    };
  }

  disable(): void {
    this.#undo?.();
    this.#undo = undefined;
  }

  /** Takes effect at the next `enable()`. `lanes` cannot be changed after the construction. */
  setConfig(config: LaneInstrumentationConfig): void {
    this.#config = { enabled: true, ...config };
  }

  getConfig(): LaneInstrumentationConfig {
    return this.#config;
  }

  /** Does nothing: Laneway makes no spans. */
  setTracerProvider(): void {}

  /** Does nothing: Laneway makes no metrics. */
  setMeterProvider(): void {}
}
