export { laneKy } from './lane-ky.js';
export type { KyInstance } from './lane-ky.js';
