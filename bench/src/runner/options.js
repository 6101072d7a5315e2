import { parseArgs } from 'node:util';
import { allTraffic, chains } from './chains.js';

export const usage = `Usage: npm run bench -- [options]

Measures the cost of keeping the lane: by hand, Laneway, OpenTelemetry and hpropagate.

  --quick           about a minute, on Node 24 only: express-fetch, socketio-fetch and capture-attach; a full run takes an hour
  --json FILE       also write the medians to FILE
  --only NAMES      only these parts, separated by commas: express-fetch, socketio-fetch, capture-attach, in-process, growth, sockets, frameworks,
                    clients, or one chain of these (koa-fetch, express-axios, ...). frameworks and clients: 20 minutes, 12 with
                    --variants laneway
  --variants NAMES  only these and by hand, separated by commas: laneway, opentelemetry, hpropagate, by-hand-again
  --traffic NAMES   only with-lane or without-lane; both by default
  --rounds N        measure N rounds per start of the processes; default: as many as fit into a fixed time
  --cpu-prof DIR    every service writes a CPU profile to DIR
  --help            print this text`;

const groups = [...new Set(chains.flatMap(({ group }) => group ?? []))];

/** The names of all parts. */
export const parts = [
  ...chains.map((chain) => chain.name),
  'capture-attach',
  'in-process',
  'growth',
  'sockets',
];

/** The parts of a quick run. */
const quickParts = ['express-fetch', 'socketio-fetch', 'capture-attach'];

/**
 * @typedef {object} Options
 * @property {boolean} quick
 * @property {boolean} help
 * @property {string} [json]
 * @property {string[]} only
 * @property {string[]} rows which of these were asked for by their group, and so get a row in its table
 * @property {string[]} [variants]
 * @property {import('./chains.js').Traffic[]} traffic
 * @property {number} [rounds]
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
      traffic: { type: 'string' },
      rounds: { type: 'string' },
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
  const chosen = values.traffic?.split(',');
  checkNames(
    '--traffic',
    chosen ?? [],
    allTraffic.map(({ name }) => name),
  );
  const traffic = allTraffic.filter(({ name }) => !chosen || chosen.includes(name));
  const rows = only.filter((part) => groupOf(part) && !(hasOwnTable(part) && asked.includes(part)));
  const { quick, help, json, 'cpu-prof': profiles } = values;
  return { quick, help, json, only, rows, variants, traffic, rounds: parseRounds(values.rounds), profiles };
}

const chainOf = (part) => chains.find(({ name }) => name === part);
const groupOf = (part) => chainOf(part)?.group;
const hasOwnTable = (part) => chainOf(part)?.ownTable;

function parseRounds(text) {
  if (text === undefined) return undefined;
  const rounds = Number(text);
  if (Number.isInteger(rounds) && rounds > 0) return rounds;
  throw new Error(`--rounds got ${text}. Use a whole number above 0.`);
}

function checkNames(option, names, known) {
  const unknown = names.filter((name) => !known.includes(name));
  if (unknown.length === 0) return;
  throw new Error(`${option} has unknown names: ${unknown.join(', ')}. Use one of: ${known.join(', ')}.`);
}
