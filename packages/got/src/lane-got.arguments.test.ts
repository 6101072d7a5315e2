import { once } from 'node:events';
import { contractLanes, laneHeaders } from '@laneway/testing';
import { describe, expect, test } from 'vitest';
import { clients } from './clients.contract.js';
import { laneGot } from './index.js';

const lanes = contractLanes();
const inLane = <T>(fn: () => T): T => lanes.run(lanes.capture(laneHeaders('v2')), fn);
type AnyGot = ((input: unknown) => Promise<unknown>) & { stream(input: unknown): NodeJS.EventEmitter };

/** Returns the comparable parts of the error that a call throws, rejects with or emits. */
async function errorOf(call: () => unknown): Promise<unknown[]> {
  try {
    const result = call();
    const [emitted] =
      result instanceof Promise ? [await result] : await once(result as NodeJS.EventEmitter, 'never');
    return ['nothing', emitted];
  } catch (error) {
    return [(error as Error).name, (error as { code?: string }).code];
  }
}

describe.each(clients)("wrong arguments give got's error: $name", ({ got }) => {
  const plain = got as unknown as AnyGot;
  const wrapped = laneGot(got, lanes) as unknown as AnyGot;

  test('a call', async () => {
    const expected = await errorOf(() => plain(123));
    const seen = await errorOf(() => inLane(() => wrapped(123)));
    // Early versions of got fail when they read the options of a handler, which they did not pass.
    if (expected[1] !== undefined) expect(seen).toEqual(expected);
    else expect(seen[0]).toBe('TypeError');
  });

  test('a stream', async () => {
    const expected = await errorOf(() => plain.stream(123));
    const seen = await errorOf(() => inLane(() => wrapped.stream(123)));
    if (expected[1] !== undefined) expect(seen).toEqual(expected);
    else expect(seen[0]).toBe('TypeError');
  });
});
