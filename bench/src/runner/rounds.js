/* oxlint-disable no-await-in-loop -- a bench does one thing after another */
import { startCrew, targetOf } from './crew.js';
import { lowerQuartile, median, spread } from './statistics.js';

/**
 * The figures of one variant and one traffic in one round: the sum of its two turns.
 *
 * @typedef {object} Sample
 * @property {number} milliseconds
 * @property {number} cpuMicroseconds CPU time of the service's process
 *
 * @typedef {object} Figures
 * @property {import('./chains.js').Variant} variant
 * @property {import('./chains.js').Traffic} traffic
 * @property {string} lane what arrived at the upstream
 * @property {number} rounds the number of rounds that it took part in
 * @property {number} requestsPerSecond
 * @property {number} cpuPerRequest microseconds, the lower quartile of the rounds
 * @property {Map<string, Comparison>} ratios for the same traffic, by the name of the variant compared with
 *
 * @typedef {object} Comparison above 1 is better than the variant compared with
 * @property {import('./statistics.js').Spread} throughput
 * @property {import('./statistics.js').Spread} cpu
 *
 * @typedef {object} Plan
 * @property {number} generations how often all processes are started anew
 * @property {number} warmUpSeconds per variant, traffic and generation
 * @property {number} seconds measured, per variant, traffic and generation
 * @property {number} [rounds] measured per generation, whatever time they take
 * @property {number} callsPerSlice the calls of one turn; enough for several garbage collections in each turn
 * @property {number} rareEvery how often a rare variant takes part: 1 in every round, 3 in every third
 */

/**
 * Measures a chain and returns the figures of each variant.
 *
 * @param {import('./chains.js').Chain} chain
 * @param {Plan} plan
 * @param {{ node: string, traffic: import('./chains.js').Traffic[], profiles?: string, progress: (line: string) => void }} options
 * @returns {Promise<Figures[]>} by traffic, then by variant
 */
export async function measureChain(chain, plan, { node, traffic, profiles, progress }) {
  /** @type {Map<string, (Sample | undefined)[]>} by target; one entry per round, `undefined` if the variant did not take part */
  const samples = new Map();
  for (const kind of traffic) {
    for (const variant of chain.variants) samples.set(targetOf(variant, kind), []);
  }
  let arrivals = [];
  for (let generation = 1; generation <= plan.generations; generation++) {
    const of = plan.generations > 1 ? `, processes ${generation} of ${plan.generations}` : '';
    progress(`${chain.title}${of}: starting ${chain.variants.length} services`);
    const crew = await startCrew(chain, { node, traffic, profiles });
    try {
      arrivals = crew.members.map((member) => member.arrival);
      progress(`${chain.title}${of}: warming up`);
      await runRounds(crew, traffic, {
        ...plan,
        seconds: plan.warmUpSeconds,
        rounds: undefined,
        rareEvery: 1,
      });
      progress(`${chain.title}${of}: measuring`);
      for (const round of await runRounds(crew, traffic, plan)) {
        for (const [target, all] of samples) all.push(round.get(target));
      }
    } finally {
      await crew.stop();
    }
  }
  return traffic.flatMap((kind) =>
    chain.variants.map((variant, index) =>
      summarize(chain, variant, kind, arrivals[index][kind.name], samples, 2 * plan.callsPerSlice),
    ),
  );
}

/**
 * Runs rounds until the time is up, or the given number of rounds. Every variant gets the same number of calls, so V8 optimizes all of
 * them equally.
 */
async function runRounds(
  { load, members },
  traffic,
  { seconds, rounds: count = Infinity, rareEvery, callsPerSlice },
) {
  const rounds = [];
  const time = count === Infinity ? seconds * members.length * traffic.length * 1000 : Infinity;
  const end = performance.now() + time;
  while (rounds.length < count && performance.now() < end) {
    const turn = rounds.length;
    const taking = traffic.flatMap((kind) =>
      members
        .filter(({ variant }) => turn % rareEvery === 0 || !variant.rare)
        .map(({ variant, service }) => ({ target: targetOf(variant, kind), service })),
    );
    const first = turn % taking.length;
    rounds.push(await runRound(load, callsPerSlice, [...taking.slice(first), ...taking.slice(0, first)]));
  }
  return rounds;
}

/**
 * Runs one round forth and back (A B C, C B A), so that even drift affects all variants equally.
 *
 * @returns {Promise<Map<string, Sample>>} by target
 */
async function runRound(load, calls, taking) {
  const round = new Map(taking.map(({ target }) => [target, { milliseconds: 0, cpuMicroseconds: 0 }]));
  for (const { target, service } of [...taking, ...taking.toReversed()]) {
    const before = await service.ask({});
    const { milliseconds } = await load.ask({ command: 'slice', target, calls });
    const after = await service.ask({});
    const sample = round.get(target);
    sample.milliseconds += milliseconds;
    sample.cpuMicroseconds += after.cpuMicroseconds - before.cpuMicroseconds;
  }
  return round;
}

/** @returns {Figures} */
function summarize(chain, variant, traffic, lane, samples, calls) {
  const variantSamples = samples.get(targetOf(variant, traffic));
  const taken = variantSamples.filter(Boolean);
  return {
    variant,
    traffic,
    lane,
    rounds: taken.length,
    requestsPerSecond: median(taken.map(({ milliseconds }) => (calls / milliseconds) * 1000)),
    cpuPerRequest: lowerQuartile(taken.map(({ cpuMicroseconds }) => cpuMicroseconds / calls)),
    ratios: new Map(
      chain.variants.map((other) => [
        other.name,
        compare(variantSamples, samples.get(targetOf(other, traffic))),
      ]),
    ),
  };
}

const BLOCKS = 8;

/**
 * Compares two variants in the rounds that both took part in. Throughput: the median of the ratios of each round. CPU time: the ratio of the
 * lower quartiles, because noise only ever adds CPU time; its spread is that of the same ratio in each of {@link BLOCKS} blocks of rounds.
 *
 * @returns {Comparison}
 */
function compare(measured, reference) {
  const pairs = measured.flatMap((sample, round) =>
    sample && reference[round] ? [[sample, reference[round]]] : [],
  );
  const cpuRatio = (rounds) =>
    lowerQuartile(rounds.map(([, other]) => other.cpuMicroseconds)) /
    lowerQuartile(rounds.map(([one]) => one.cpuMicroseconds));
  const size = Math.max(1, Math.ceil(pairs.length / BLOCKS));
  const blocks = Array.from({ length: Math.ceil(pairs.length / size) }, (_, block) =>
    cpuRatio(pairs.slice(block * size, (block + 1) * size)),
  );
  return {
    throughput: spread(pairs.map(([one, other]) => other.milliseconds / one.milliseconds)),
    cpu: { ...spread(blocks), median: cpuRatio(pairs) },
  };
}
