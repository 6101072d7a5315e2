/* oxlint-disable no-await-in-loop -- a bench does one thing after another */
import { startCrew } from './crew.js';
import { median, spread } from './statistics.js';

/**
 * What one variant did in one round: its two slices together.
 *
 * @typedef {object} Sample
 * @property {number} milliseconds
 * @property {number} cpuMicroseconds CPU time of the service's process
 *
 * @typedef {object} Figures
 * @property {import('./chains.js').Variant} variant
 * @property {string} lane
 * @property {number} rounds in how many it took part
 * @property {number} requestsPerSecond
 * @property {number} cpuPerRequest microseconds
 * @property {Map<string, Comparison>} ratios by the name of the variant compared with
 *
 * @typedef {object} Comparison above 1 is better than the variant compared with
 * @property {import('./statistics.js').Spread} throughput
 * @property {import('./statistics.js').Spread} cpu
 *
 * @typedef {object} Plan
 * @property {number} generations how often everything is started afresh
 * @property {number} warmUpSeconds per variant and generation
 * @property {number} seconds measured, per variant and generation
 * @property {number} callsPerSlice enough for several turns of the garbage collector, which else falls on one slice and not on the next
 * @property {number} rareEvery how often a rare variant takes part: 1 in every round, 3 in every third
 */

/**
 * Measures a chain.
 *
 * @param {import('./chains.js').Chain} chain
 * @param {Plan} plan
 * @param {{ node: string, profiles?: string, progress: (line: string) => void }} options
 * @returns {Promise<Figures[]>}
 */
export async function measureChain(chain, plan, { node, profiles, progress }) {
  /** @type {Map<string, (Sample | undefined)[]>} one entry per round, empty where the variant took no part */
  const samples = new Map(chain.variants.map((variant) => [variant.name, []]));
  let lanes = [];
  for (let generation = 1; generation <= plan.generations; generation++) {
    const of = plan.generations > 1 ? `, processes ${generation} of ${plan.generations}` : '';
    progress(`${chain.title}${of}: starting ${chain.variants.length} services`);
    const crew = await startCrew(chain, { node, profiles });
    try {
      lanes = crew.members.map((member) => member.lane);
      progress(`${chain.title}${of}: warming up`);
      await runRounds(crew, { ...plan, seconds: plan.warmUpSeconds, rareEvery: 1 });
      progress(`${chain.title}${of}: measuring`);
      for (const round of await runRounds(crew, plan)) {
        for (const [name, all] of samples) all.push(round.get(name));
      }
    } finally {
      await crew.stop();
    }
  }
  return chain.variants.map((variant, index) =>
    summarize(variant, lanes[index], samples, 2 * plan.callsPerSlice),
  );
}

/** Rounds until the time is up. In warm-up every variant gets the same number of calls, and so the same compiler. */
async function runRounds({ load, members }, { seconds, rareEvery, callsPerSlice }) {
  const rounds = [];
  const end = performance.now() + seconds * members.length * 1000;
  while (performance.now() < end) {
    const turn = rounds.length;
    const taking = members.filter(({ variant }) => turn % rareEvery === 0 || !variant.rare);
    const first = turn % taking.length;
    rounds.push(await runRound(load, callsPerSlice, [...taking.slice(first), ...taking.slice(0, first)]));
  }
  return rounds;
}

/**
 * One round, there and back (A B C, C B A): whatever drifts evenly during the round falls on all alike.
 *
 * @returns {Promise<Map<string, Sample>>} by the name of the variant
 */
async function runRound(load, calls, members) {
  const round = new Map(
    members.map(({ variant }) => [variant.name, { milliseconds: 0, cpuMicroseconds: 0 }]),
  );
  for (const { variant, service } of [...members, ...members.toReversed()]) {
    const before = await service.ask({});
    const { milliseconds } = await load.ask({
      command: 'slice',
      target: variant.name,
      calls,
    });
    const after = await service.ask({});
    const sample = round.get(variant.name);
    sample.milliseconds += milliseconds;
    sample.cpuMicroseconds += after.cpuMicroseconds - before.cpuMicroseconds;
  }
  return round;
}

/** @returns {Figures} */
function summarize(variant, lane, samples, calls) {
  const own = samples.get(variant.name);
  const taken = own.filter(Boolean);
  return {
    variant,
    lane,
    rounds: taken.length,
    requestsPerSecond: median(taken.map(({ milliseconds }) => (calls / milliseconds) * 1000)),
    cpuPerRequest: median(taken.map(({ cpuMicroseconds }) => cpuMicroseconds / calls)),
    ratios: new Map([...samples].map(([name, other]) => [name, compare(own, other)])),
  };
}

/** Compares round by round, in the rounds that both took part in. @returns {Comparison} */
function compare(own, other) {
  const pairs = own.flatMap((sample, round) => (sample && other[round] ? [[sample, other[round]]] : []));
  return {
    throughput: spread(pairs.map(([mine, theirs]) => theirs.milliseconds / mine.milliseconds)),
    cpu: spread(pairs.map(([mine, theirs]) => theirs.cpuMicroseconds / mine.cpuMicroseconds)),
  };
}
