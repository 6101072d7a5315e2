export { wsLane } from './ws-lane.js';
export type { UpgradeServer } from './ws-lane.js';
