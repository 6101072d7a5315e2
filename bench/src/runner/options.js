import { parseArgs } from 'node:util';
import { chains } from './chains.js';

export const usage = `Usage: npm run bench -- [options]

Measures the cost of keeping the lane: by hand, Laneway, OpenTelemetry and hpropagate.

  --quick           about 35 seconds, on Node 24 only: express-fetch, socketio-fetch and capture-attach; a full run takes an hour
  --json FILE       also write the medians to FILE
  --only NAMES      only these parts, separated by commas: express-fetch, socketio-fetch, capture-attach, growth, frameworks, clients,
                    or one chain of these (koa-fetch, express-axios, ...)
  --variants NAMES  only these and by hand, separated by commas: laneway, opentelemetry, hpropagate, by-hand-again
  --cpu-prof DIR    every service writes a CPU profile to DIR
  --help            print this text`;

const groups = [...new Set(chains.flatMap(({ group }) => group ?? []))];

/** The names of all parts. */
export const parts = [...chains.map((chain) => chain.name), 'capture-attach', 'growth'];

/** The parts of a quick run. */
const quickParts = ['express-fetch', 'socketio-fetch', 'capture-attach'];

/**
 * @typedef {object} Options
 * @property {boolean} quick
 * @property {boolean} help
 * @property {string} [json]
 * @property {string[]} only
 * @property {string[]} [variants]
 * @property {string} [profiles]
 *
 * @param {string[]} args
 * @returns {Options}
 * @throws {Error} for invalid options
 */
export function parseOptions(args) {
  const { values } = parseArgs({
    args,
    options: {
      quick: { type: 'boolean', default: false },
      json: { type: 'string' },
      only: { type: 'string', multiple: true },
      variants: { type: 'string' },
      'cpu-prof': { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  const variants = values.variants?.split(',');
  const asked = values.only?.flatMap((names) => names.split(',')) ?? (values.quick ? quickParts : parts);
  checkNames('--only', asked, [...groups, ...parts]);
  const only = parts.filter((part) => asked.includes(part) || asked.includes(groupOf(part)));
  checkNames('--variants', variants ?? [], [
    ...new Set(chains.flatMap((chain) => chain.variants.map(({ name }) => name))),
  ]);
  const { quick, help, json, 'cpu-prof': profiles } = values;
  return { quick, help, json, only, variants, profiles };
}

function groupOf(part) {
  return chains.find(({ name }) => name === part)?.group;
}

function checkNames(option, names, known) {
  const unknown = names.filter((name) => !known.includes(name));
  if (unknown.length === 0) return;
  throw new Error(`${option} has unknown names: ${unknown.join(', ')}. Use one of: ${known.join(', ')}.`);
}
