import { LaneInstrumentation, LanePropagator, LaneSpanProcessor } from '@laneway/opentelemetry';
import type { NodeSDKConfiguration } from '@opentelemetry/sdk-node';

/** The compiler checks that SDK 2 accepts these. */
export const configure = (): Partial<NodeSDKConfiguration> => ({
  textMapPropagator: new LanePropagator(),
  spanProcessors: [new LaneSpanProcessor()],
  instrumentations: [new LaneInstrumentation()],
});
