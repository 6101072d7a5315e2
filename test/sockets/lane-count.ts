import { BASELINE } from '@laneway/core';
import { contractLanes, laneHeaders, takeTurns } from '@laneway/testing';
import { expect, test } from 'vitest';

export const lanes: ReturnType<typeof contractLanes> = contractLanes();
export const name = (): string => lanes.current().name ?? 'baseline';

const CLIENTS = 40;
const OPERATIONS = 5;
// On a busy machine.
const TIMEOUT = 60_000;
/** The lane in which the server is started. No operation may run in it. */
const OPENER = BASELINE.set('version', 'opener');

/** A client whose handshakes or requests have one lane. */
export interface Client {
  /** Does one operation. Returns the lanes that the functions of the server ran in. */
  ask(seed: number): Promise<readonly string[]>;
  close(): unknown;
}

/** A running server, and how to connect to it. */
export interface Stand {
  connect(headers: Record<string, string>): Promise<Client>;
  close(): unknown;
}

/** How many functions of the server ran in another lane, in none, or in a lane although their client has none. */
export interface LaneCount {
  readonly operations: number;
  readonly wrong: number;
  readonly lost: number;
  readonly leaked: number;
}

/** Returns the lane in which code of a server runs, and the lanes after it waited, if they differ. */
export async function see(seed: number): Promise<string> {
  const seen = new Set([name()]);
  await takeTurns(seed);
  seen.add(name());
  return [...seen].join(' then ');
}

/** Counts the lanes of 200 operations, all at once, of 40 clients, each fifth of which has no lane. */
async function countLanes(stand: Stand): Promise<LaneCount> {
  const count = { operations: 0, wrong: 0, lost: 0, leaked: 0 };
  const expected = Array.from({ length: CLIENTS }, (_, index) =>
    index % 5 === 0 ? 'baseline' : `v${index}`,
  );
  const clients = await Promise.all(
    expected.map((lane) => stand.connect(lane === 'baseline' ? {} : laneHeaders(lane))),
  );
  const ask = async (client: Client, lane: string, seed: number): Promise<void> => {
    for (const seen of await client.ask(seed)) {
      if (seen === lane) continue;
      if (lane === 'baseline') count.leaked++;
      else if (seen === 'baseline') count.lost++;
      else count.wrong++;
    }
    count.operations++;
  };
  await Promise.all(
    clients.flatMap((client, index) =>
      Array.from({ length: OPERATIONS }, (_, round) => ask(client, expected[index] ?? '', index + 7 * round)),
    ),
  );
  await Promise.all(clients.map((client) => client.close()));
  return count;
}

/**
 * Tests that a server keeps many lanes apart with our lines, and that it does not without them.
 *
 * `LANE_TABLE=true` prints both counts.
 *
 * @param open starts the server; `isOurs` says whether with our lines
 */
export function testStand(title: string, open: (isOurs: boolean) => Promise<Stand>): void {
  const run = async (isOurs: boolean): Promise<LaneCount> => {
    const stand = await lanes.run(OPENER, () => open(isOurs), {});
    try {
      const count = await countLanes(stand);
      if (process.env['LANE_TABLE']) console.log(`${title} | ${isOurs} | ${JSON.stringify(count)}`);
      return count;
    } finally {
      await stand.close();
    }
  };
  test(
    `${title}: 40 clients, 200 operations at once, no lane wrong, lost or leaked`,
    async () => {
      expect(await run(true)).toEqual({ operations: CLIENTS * OPERATIONS, wrong: 0, lost: 0, leaked: 0 });
    },
    TIMEOUT,
  );
  test(
    `${title}: without our lines, lanes are wrong or lost`,
    async () => {
      const { wrong, lost } = await run(false);
      expect(wrong + lost).toBeGreaterThan(0);
    },
    TIMEOUT,
  );
}
