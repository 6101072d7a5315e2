export { expressLane } from './express-lane.js';
