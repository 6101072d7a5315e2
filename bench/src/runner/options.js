import { parseArgs } from 'node:util';
import { chains } from './chains.js';

export const usage = `Usage: npm run bench -- [options]

What keeping the lane costs: by hand, Laneway, OpenTelemetry and hpropagate, side by side.

  --quick           some 35 seconds, on Node 24 only, express-fetch, socketio-fetch and capture-attach; without it an hour
  --json FILE       also write the medians into FILE
  --only NAMES      only these parts, separated by commas: express-fetch, socketio-fetch, capture-attach, growth, frameworks, clients,
                    or one chain of these (koa-fetch, express-axios, ...)
  --variants NAMES  only these beside by hand, separated by commas: laneway, opentelemetry, hpropagate, by-hand-again
  --cpu-prof DIR    every service writes a CPU profile into DIR
  --help            this text`;

const groups = [...new Set(chains.flatMap(({ group }) => group ?? []))];

/** What can be measured. */
export const parts = [...chains.map((chain) => chain.name), 'capture-attach', 'growth'];

/** What a quick run measures. */
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
 * @throws {Error} for options that make no sense
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
  throw new Error(`${option} does not know ${unknown.join(', ')}. Use one of: ${known.join(', ')}.`);
}
