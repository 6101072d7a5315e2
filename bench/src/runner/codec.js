import { Child } from './children.js';
import { lowestTenth, spread } from './statistics.js';

/**
 * Measures capture plus attach in a separate process.
 *
 * @param {{ node: string, seconds: number, progress: (line: string) => void }} options
 * @returns {Promise<{ laneway: import('./statistics.js').Spread, opentelemetry: import('./statistics.js').Spread, batches: number }>}
 */
export async function measureCodec(options) {
  const { batches } = await runCodec('capture plus attach', 'codec/capture-attach.js', options);
  return {
    laneway: spread(batches.map((batch) => batch.laneway)),
    opentelemetry: spread(batches.map((batch) => batch.opentelemetry)),
    batches: batches.length,
  };
}

/**
 * @typedef {object} GrowthRow nanoseconds for a number of members and egress rules
 * @property {number} members
 * @property {number} rules
 * @property {import('./statistics.js').Spread} attach
 * @property {import('./statistics.js').Spread} capture
 *
 * Measures how the cost of capture and attach grows, in a separate process.
 *
 * @param {{ node: string, seconds: number, progress: (line: string) => void }} options
 * @returns {Promise<GrowthRow[]>}
 */
export async function measureGrowth(options) {
  const { rows } = await runCodec('growth', 'codec/growth.js', options);
  return rows.map(({ members, rules, attach, capture }) => ({
    members,
    rules,
    attach: spread(attach),
    capture: spread(capture),
  }));
}

/**
 * @typedef {object} InProcessRow
 * @property {string} part
 * @property {string} requests with a lane or without
 * @property {Record<string, number>} microseconds of one request or call, by way: the lowest tenth of the batches
 *
 * Measures one request and one call without a network, in a separate process.
 *
 * @param {{ node: string, seconds: number, progress: (line: string) => void }} options
 * @returns {Promise<InProcessRow[]>}
 */
export async function measureInProcess(options) {
  const { rows } = await runCodec('in-process', 'in-process/measure.js', options);
  return rows.map(({ part, requests, times }) => ({
    part,
    requests,
    microseconds: Object.fromEntries(Object.entries(times).map(([way, all]) => [way, lowestTenth(all)])),
  }));
}

async function runCodec(name, file, { node, seconds, progress }) {
  progress(`${name}: measuring`);
  const child = new Child(name, file, { node, args: [String(seconds)] });
  try {
    return await child.hello;
  } finally {
    await child.stop();
  }
}
