export { laneGot } from './lane-got.js';
export type { GotClient } from './lane-got.js';
