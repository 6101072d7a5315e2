import { expect, test } from 'vitest';
import { defineLanes, LanewayAdapterError, lanesFor } from './index.js';

const lanes = defineLanes({ key: 'version' });

test('lanesFor returns the lanes that it is passed, or those of the process', () => {
  expect(lanesFor('expressLane', lanes)).toBe(lanes);
  expect(lanesFor('expressLane', undefined)).toBe(lanesFor('koaLane', undefined));
});

test.each([
  ['an object', { key: 'version', carry: { headers: ['version'] } }],
  ['null', null],
  ['"version"', 'version'],
])('it rejects %s', (received, value) => {
  expect(() => lanesFor('expressLane', value as never)).toThrow(LanewayAdapterError);
  expect(() => lanesFor('expressLane', value as never)).toThrow(
    `expressLane received ${received}, not lanes. Pass what defineLanes(policy) returns, or nothing.`,
  );
});

test.each([
  ['expressLane', { headers: {}, method: 'GET' }, 'a request', 'app.use'],
  ['koaLane', { req: {}, res: {} }, 'a context', 'app.use'],
  [
    'fastifyLane',
    Object.assign(() => {}, { register() {}, addHook() {} }),
    'a fastify instance',
    'app.register',
  ],
  ['socketIoLane', { handshake: {}, nsp: {} }, 'a socket', 'io.use'],
])('the error says that %s was not called', (adapter, value, argument, register) => {
  expect(() => lanesFor(adapter, value as never)).toThrow(
    `${adapter} was called with ${argument} instead of lanes. Write ${register}(${adapter}()), or ${register}(${adapter}(lanes))`,
  );
});
