export { LanePropagator } from './lane-propagator.js';
export type { LanePropagatorOptions } from './lane-propagator.js';
export { LaneSpanProcessor } from './lane-span-processor.js';
export type { LaneSpanProcessorOptions } from './lane-span-processor.js';
export { LaneInstrumentation } from './lane-instrumentation.js';
export type { LaneInstrumentationConfig } from './lane-instrumentation.js';
