import { useEcho } from '@laneway/testing';
import { describe, expect, test } from 'vitest';
import { laneDispatcher } from './index.js';
import { undicis } from './undici.contract.js';

const { lanes, echo, inLane } = useEcho();

/** Returns how a call ends: the error that it throws, rejects with or passes to its handler, or else its status. */
async function outcome(fn: () => unknown): Promise<unknown> {
  try {
    const { statusCode } = (await fn()) as { statusCode: number };
    return statusCode;
  } catch (error) {
    return [(error as { code?: string }).code, (error as Error).message];
  }
}

describe.each(undicis)("wrong arguments in a lane give undici's error: %s", (_, undici) => {
  test.each<[string, () => unknown]>([
    ['a flat array of odd length', () => ['a', '1', 'b']],
    ['a function', () => () => {}],
    ['an iterable whose items are not pairs', () => new Set(['ab', 'cd'])],
    [
      'a generator whose items are not pairs',
      () =>
        (function* generate() {
          yield ['a', '1', '2'];
        })(),
    ],
    ['a string', () => 'text'],
    ['a number', () => 1],
  ])('headers: %s', async (_name, make) => {
    const agent = new undici.Agent();
    const wrapped = laneDispatcher(agent, lanes);
    const call = (dispatcher: unknown) => () =>
      undici.request(echo.url, { dispatcher, headers: make() } as never);
    const expected = await outcome(call(agent));
    expect(await outcome(() => inLane('v2', call(wrapped)))).toEqual(expected);
    await agent.destroy();
  });

  test('a handler with a method that is not a function', async () => {
    const agent = new undici.Agent();
    const call = (dispatcher: typeof agent) => (): Promise<unknown> =>
      new Promise((resolve, reject) => {
        const handler = {
          onBodySent: '42',
          onConnect: () => {},
          onHeaders: () => true,
          onData: () => true,
          onComplete: () => resolve({ statusCode: 200 }),
          onError: reject,
        };
        dispatcher.dispatch({ origin: echo.url, path: '/', method: 'GET' }, handler as never);
      });
    const expected = await outcome(call(agent));
    expect(await outcome(() => inLane('v2', call(laneDispatcher(agent, lanes))))).toEqual(expected);
    await agent.destroy();
  });
});

test.each(undicis)('no headers are lost when Object.prototype has an iterator: %s', async (_, undici) => {
  const agent = new undici.Agent();
  const read = async (dispatcher: typeof agent): Promise<unknown> => {
    const { body } = await undici.request(echo.url, { dispatcher, headers: { 'x-own': '1' } });
    return ((await body.json()) as { headers: unknown }).headers;
  };
  const prototype = Object.prototype as { [Symbol.iterator]?: unknown };
  Object.defineProperty(prototype, Symbol.iterator, { value: function* none() {}, configurable: true });
  try {
    const plain = await read(agent).catch(String);
    const wrapped = await inLane('v2', () => read(laneDispatcher(agent, lanes))).catch(String);
    if (JSON.stringify(plain).includes('x-own')) expect(JSON.stringify(wrapped)).toContain('x-own');
  } finally {
    delete prototype[Symbol.iterator];
    await agent.destroy();
  }
});
