import { createRequire } from 'node:module';
import { contractLanes, headerLines, takeTurns, useEcho } from '@laneway/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { instrumentHttp, type Instrumentation } from './index.js';

interface Superagent {
  get(url: string): PromiseLike<{ body: unknown }>;
  Request: { prototype: { redirects: unknown } };
}
const require = createRequire(import.meta.url);
const load = (name: string): Superagent => require(name) as Superagent;
const NAMES = ['superagent', 'superagent-9-lowest', 'superagent-lowest'].filter((name) => canLoad(name));
function canLoad(name: string): boolean {
  try {
    return Boolean(require.resolve(name));
  } catch {
    return false;
  }
}

const { lanes, echo, inLane } = useEcho();
let instrumentation: Instrumentation;
beforeAll(() => {
  // Loaded before, for one of them.
  load(NAMES[0]!);
  instrumentation = instrumentHttp(lanes);
});
afterAll(() => instrumentation.restore());

describe.each(NAMES)(
  '%s: a request that is awaited in another lane carries the lane that created it',
  (name) => {
    test.each(['/end', '/redirect?to=/end'])('%s', async (path) => {
      const superagent = load(name);
      const calls = Array.from({ length: 40 }, async (_, index) => {
        const lane = `v${index % 5}`;
        const request =
          index % 4 === 3
            ? superagent.get(echo.url + path)
            : inLane(lane, () => superagent.get(echo.url + path));
        await takeTurns(index);
        const { body } = await inLane(`v${(index + 1) % 5}`, async () => request);
        expect(headerLines(body as never, 'version')).toEqual(index % 4 === 3 ? [] : [lane]);
      });
      await Promise.all(calls);
    });
  },
);

test('restore restores the method', () => {
  const { prototype } = load(NAMES[0]!).Request;
  const { redirects } = prototype;
  const other = instrumentHttp(contractLanes());
  expect(prototype.redirects).not.toBe(redirects);
  other.restore();
  expect(prototype.redirects).toBe(redirects);
});
