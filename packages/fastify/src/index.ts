export { fastifyLane } from './fastify-lane.js';
