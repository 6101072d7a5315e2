/* oxlint-disable no-await-in-loop -- a bench does one thing after another */
import { Child } from './children.js';
import { checkArrival } from './arrival.js';

/**
 * All processes of one chain, which run at the same time: the upstream, the load, and one service per variant.
 *
 * @typedef {object} Member
 * @property {import('./chains.js').Variant} variant
 * @property {Child} service
 * @property {Record<string, string>} arrival whether the lane arrived, by traffic, for the report
 *
 * @typedef {object} Crew
 * @property {Child} load
 * @property {Member[]} members
 * @property {() => Promise<void>} stop
 */

const CONNECTIONS = 20;

/** What the load calls the connections to a service over which it sends this traffic. */
export const targetOf = (variant, traffic) => `${variant.name}, ${traffic.title}`;

/**
 * Starts the processes of a chain, connects the load, and checks that the lanes arrive at the upstream.
 *
 * @param {import('./chains.js').Chain} chain
 * @param {{ node: string, traffic: import('./chains.js').Traffic[], profiles?: string }} options
 * @returns {Promise<Crew>}
 */
export async function startCrew(chain, { node, traffic, profiles }) {
  const upstream = new Child('upstream', 'services/upstream.js', { node });
  const load = new Child('load', 'load/load.js', { node });
  const children = [upstream, load];
  const stop = async () => {
    await Promise.all(children.map((child) => child.stop()));
  };
  try {
    const { port: upstreamPort, http2Port } = await upstream.hello;
    const members = chain.variants.map((variant) => {
      const service = new Child(`${chain.name} ${variant.name}`, variant.service, {
        node,
        args: [upstreamPort, http2Port, ...(variant.args ?? [])].map(String),
        execArgv: [...preload(variant), ...profile(chain, variant, profiles)],
      });
      children.push(service);
      return { variant, service, arrival: {} };
    });
    await load.hello;
    for (const member of members) {
      const { port } = await member.service.hello;
      const { variant } = member;
      const targets = traffic.map((kind) => targetOf(variant, kind));
      for (const [index, { withLane }] of traffic.entries()) {
        const connections = { protocol: chain.protocol, port, withLane, connections: CONNECTIONS };
        await load.ask({ command: 'open', target: targets[index], ...connections });
      }
      member.arrival = await checkArrival({ chain, variant, targets, load, upstream });
    }
    return { load, members, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

function preload({ preload: file }) {
  return file ? ['--import', new URL(`../${file}`, import.meta.url).href] : [];
}

function profile(chain, variant, folder) {
  if (!folder) return [];
  return [
    '--cpu-prof',
    `--cpu-prof-dir=${folder}`,
    `--cpu-prof-name=${chain.name}.${variant.name}.cpuprofile`,
  ];
}
