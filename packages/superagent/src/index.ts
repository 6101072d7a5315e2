export { laneSuperagent } from './lane-superagent.js';
export type { SuperagentClient } from './lane-superagent.js';
