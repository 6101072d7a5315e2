export { honoLane } from './hono-lane.js';
