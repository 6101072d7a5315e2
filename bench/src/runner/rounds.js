/* oxlint-disable no-await-in-loop -- a bench does one thing after another */
import { startCrew } from './crew.js';
import { median, spread } from './statistics.js';

/**
 * The figures of one variant in one round: the sum of its two turns.
 *
 * @typedef {object} Sample
 * @property {number} milliseconds
 * @property {number} cpuMicroseconds CPU time of the service's process
 *
 * @typedef {object} Figures
 * @property {import('./chains.js').Variant} variant
 * @property {string} lane
 * @property {number} rounds the number of rounds that it took part in
 * @property {number} requestsPerSecond
 * @property {number} cpuPerRequest microseconds
 * @property {Map<string, Comparison>} ratios by the name of the variant compared with
 *
 * @typedef {object} Comparison above 1 is better than the variant compared with
 * @property {import('./statistics.js').Spread} throughput
 * @property {import('./statistics.js').Spread} cpu
 *
 * @typedef {object} Plan
 * @property {number} generations how often all processes are started anew
 * @property {number} warmUpSeconds per variant and generation
 * @property {number} seconds measured, per variant and generation
 * @property {number} callsPerSlice the calls of one turn; enough for several garbage collections in each turn
 * @property {number} rareEvery how often a rare variant takes part: 1 is every round, 3 every third round
 */

/**
 * Measures a chain and returns the figures of each variant.
 *
 * @param {import('./chains.js').Chain} chain
 * @param {Plan} plan
 * @param {{ node: string, profiles?: string, progress: (line: string) => void }} options
 * @returns {Promise<Figures[]>}
 */
export async function measureChain(chain, plan, { node, profiles, progress }) {
  /** @type {Map<string, (Sample | undefined)[]>} one entry per round, `undefined` if the variant did not take part */
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

/** Runs rounds until the time is up. Every variant gets the same number of calls, so V8 optimizes all of them equally. */
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
 * Runs one round forth and back (A B C, C B A), so that even drift affects all variants equally.
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
  const all = samples.get(variant.name);
  const taken = all.filter(Boolean);
  return {
    variant,
    lane,
    rounds: taken.length,
    requestsPerSecond: median(taken.map(({ milliseconds }) => (calls / milliseconds) * 1000)),
    cpuPerRequest: median(taken.map(({ cpuMicroseconds }) => cpuMicroseconds / calls)),
    ratios: new Map([...samples].map(([name, other]) => [name, compare(all, other)])),
  };
}

/** Compares two variants in each round that both took part in. @returns {Comparison} */
function compare(measured, reference) {
  const pairs = measured.flatMap((sample, round) =>
    sample && reference[round] ? [[sample, reference[round]]] : [],
  );
  return {
    throughput: spread(pairs.map(([one, other]) => other.milliseconds / one.milliseconds)),
    cpu: spread(pairs.map(([one, other]) => other.cpuMicroseconds / one.cpuMicroseconds)),
  };
}
