import fastify from 'fastify';
import fastify4 from 'fastify-4';
import fastify4Lowest from 'fastify-4-lowest';
import fastify5Lowest from 'fastify-5-lowest';

/** The lowest and the newest version of each supported major version. */
export const versions: readonly (readonly [name: string, framework: typeof fastify])[] = [
  ['fastify 5', fastify],
  ['fastify 5, lowest', fastify5Lowest],
  ['fastify 4', fastify4],
  ['fastify 4, lowest', fastify4Lowest],
];
