import { defineLanes, type Lanes } from '@laneway/core';

/** The lanes that the contract runs with: the header `version` names the lane, all baggage is carried. */
export function contractLanes(): Lanes {
  return defineLanes({
    key: 'version',
    carry: { headers: ['version', 'appver*'], baggage: ['*'] },
    promote: { 'x-mse-tag': 'x-mse-tag' },
  });
}

/** Inbound headers of a lane; the baggage has what must survive byte for byte: order, case, encoding, properties, white space. */
export function laneHeaders(name: string): Record<string, string> {
  return { version: name, 'appver-a': name, baggage: laneBaggage(name) };
}

/** The baggage of {@link laneHeaders}. */
export function laneBaggage(name: string): string {
  return `2=two,Lane=${name};p1 = x;flag , userId=%41lice%20ü`.replace('ü', '%C3%BC') + ',1=one,empty=';
}

/** A turn of the event loop of a different kind each time, so that interleaved lanes meet every kind of continuation. */
export async function takeTurns(seed: number): Promise<void> {
  for (let i = 0; i < 3; i++) {
    const kind = (seed + i) % 4;
    if (kind === 0) await Promise.resolve();
    else if (kind === 1) await new Promise((done) => void setImmediate(done));
    else if (kind === 2) await new Promise<void>((done) => process.nextTick(done));
    else await new Promise((done) => void setTimeout(done, seed % 5));
  }
}
