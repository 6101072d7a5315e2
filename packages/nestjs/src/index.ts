export { LaneModule } from './lane-module.js';
export { LANES } from './options.js';
export type { LaneModuleAsyncOptions, LaneModuleOptions } from './options.js';
