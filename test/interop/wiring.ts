import { LaneInstrumentation, LanePropagator, LaneSpanProcessor } from '@laneway/opentelemetry';
import type { NodeSDKConfiguration } from '@opentelemetry/sdk-node';

/** That SDK 2 takes them, the compiler says. */
export const configure = (): Partial<NodeSDKConfiguration> => ({
  textMapPropagator: new LanePropagator(),
  spanProcessors: [new LaneSpanProcessor()],
  instrumentations: [new LaneInstrumentation()],
});
