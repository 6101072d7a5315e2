import { parseArgs } from 'node:util';
import { runtimeNames } from '../support/runtimes/runtimes.js';

export const usage = `Usage: npm run test:matrix -- [options] [PATH...]

Runs all tests on Node 20, 22, 24 and 26, and the tests of core and fetch on Bun and Deno, one after another; then prints a table.
Installs a runtime when it is first used. Exits with 1 unless every test passes and each runtime has run some tests.

  PATH          only the tests in these folders, such as packages/fetch
  --only NAMES  only these runtimes, separated by commas: ${runtimeNames.join(', ')}
  --help        print this text`;

/**
 * @typedef {object} Options
 * @property {boolean} help
 * @property {string[]} only in the order of the table
 * @property {string[]} paths
 *
 * @param {string[]} args
 * @returns {Options}
 * @throws {Error} for invalid options
 */
export function parseOptions(args) {
  const { values, positionals: paths } = parseArgs({
    args,
    allowPositionals: true,
    options: { only: { type: 'string', multiple: true }, help: { type: 'boolean', default: false } },
  });
  const asked = values.only?.flatMap((names) => names.split(',')) ?? runtimeNames;
  const unknown = asked.filter((name) => !runtimeNames.includes(name));
  if (unknown.length > 0)
    throw new Error(
      `--only has unknown runtimes: ${unknown.join(', ')}. Use one of: ${runtimeNames.join(', ')}.`,
    );
  return { help: values.help, only: runtimeNames.filter((name) => asked.includes(name)), paths };
}
