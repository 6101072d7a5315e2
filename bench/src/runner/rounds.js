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
 */

/** About 50 ms of a fast service: short enough that all slices of a round see the machine in the same state. */
const CALLS_PER_SLICE = 400;

/**
 * Measures a chain.
 *
 * @param {import('./chains.js').Chain} chain
 * @param {Plan} plan
 * @param {{ node: string, profiles?: string, progress: (line: string) => void }} options
 * @returns {Promise<{ figures: Figures[], rounds: number }>}
 */
export async function measureChain(chain, plan, { node, profiles, progress }) {
  /** @type {Map<string, Sample[]>} */
  const samples = new Map(chain.variants.map((variant) => [variant.name, []]));
  let lanes = [];
  for (let generation = 1; generation <= plan.generations; generation++) {
    const of = plan.generations > 1 ? `, processes ${generation} of ${plan.generations}` : '';
    progress(`${chain.title}${of}: starting ${chain.variants.length} services`);
    const crew = await startCrew(chain, { node, profiles });
    try {
      lanes = crew.members.map((member) => member.lane);
      progress(`${chain.title}${of}: warming up`);
      await runRounds(crew, plan.warmUpSeconds * crew.members.length);
      progress(`${chain.title}${of}: measuring`);
      for (const round of await runRounds(crew, plan.seconds * crew.members.length)) {
        for (const [name, sample] of round) samples.get(name).push(sample);
      }
    } finally {
      await crew.stop();
    }
  }
  const figures = chain.variants.map((variant, index) => summarize(variant, lanes[index], samples));
  return { figures, rounds: samples.get(chain.variants[0].name).length };
}

/** Rounds until the time is up. Every variant gets the same number of calls, in warm-up too, and so the same compiler. */
async function runRounds(crew, seconds) {
  const rounds = [];
  const end = performance.now() + seconds * 1000;
  while (performance.now() < end) rounds.push(await runRound(crew, rounds.length));
  return rounds;
}

/** One round, there and back (A B C, C B A): whatever drifts evenly during the round falls on all alike. */
async function runRound({ load, members }, turn) {
  const first = turn % members.length;
  const there = [...members.slice(first), ...members.slice(0, first)];
  /** @type {Map<string, Sample>} */
  const round = new Map(
    members.map(({ variant }) => [variant.name, { milliseconds: 0, cpuMicroseconds: 0 }]),
  );
  for (const { variant, service } of [...there, ...there.toReversed()]) {
    const before = await service.ask({});
    const { milliseconds } = await load.ask({
      command: 'slice',
      target: variant.name,
      calls: CALLS_PER_SLICE,
    });
    const after = await service.ask({});
    const sample = round.get(variant.name);
    sample.milliseconds += milliseconds;
    sample.cpuMicroseconds += after.cpuMicroseconds - before.cpuMicroseconds;
  }
  return round;
}

/** @returns {Figures} */
function summarize(variant, lane, samples) {
  const own = samples.get(variant.name);
  const calls = 2 * CALLS_PER_SLICE;
  return {
    variant,
    lane,
    requestsPerSecond: median(own.map(({ milliseconds }) => (calls / milliseconds) * 1000)),
    cpuPerRequest: median(own.map(({ cpuMicroseconds }) => cpuMicroseconds / calls)),
    ratios: new Map([...samples].map(([name, other]) => [name, compare(own, other)])),
  };
}

/** @returns {Comparison} */
function compare(own, other) {
  return {
    throughput: spread(own.map((sample, round) => other[round].milliseconds / sample.milliseconds)),
    cpu: spread(own.map((sample, round) => other[round].cpuMicroseconds / sample.cpuMicroseconds)),
  };
}
