import { defineLanes, type Lanes } from '@laneway/core';

/** Returns the `lanes` of the contract: the header `version` names the lane, and all baggage is carried. */
export function contractLanes(): Lanes {
  return defineLanes({
    key: 'version',
    carry: { headers: ['version', 'appver*'], baggage: ['*'] },
    promote: { 'x-mse-tag': 'x-mse-tag' },
  });
}

/** Returns request headers of a lane. Order, case, encoding, properties and white space of the baggage must survive byte for byte. */
export function laneHeaders(name: string): Record<string, string> {
  return { version: name, 'appver-a': name, baggage: laneBaggage(name) };
}

/** Returns the baggage of {@link laneHeaders}. */
export function laneBaggage(name: string): string {
  return `2=two,Lane=${name};p1 = x;flag , userId=%41lice%20ü`.replace('ü', '%C3%BC') + ',1=one,empty=';
}

/** Waits several times, each time in a different way, so that interleaved lanes use every kind of continuation. */
export async function takeTurns(seed: number): Promise<void> {
  for (let i = 0; i < 3; i++) {
    const kind = (seed + i) % 4;
    if (kind === 0) await Promise.resolve();
    else if (kind === 1) await new Promise((done) => void setImmediate(done));
    else if (kind === 2) await new Promise<void>((done) => process.nextTick(done));
    else await new Promise((done) => void setTimeout(done, seed % 5));
  }
}
