import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
const VITEST = 'node_modules/vitest/vitest.mjs';
const LONGEST_MS = 20 * 60_000;

/** How a runtime other than Node starts a program, and the rooms that are for it. */
const OTHERS = {
  bun: { start: ['--bun'], rooms: ['packages/core', 'packages/fetch'] },
  deno: { start: ['run', '-A', '--no-lock'], rooms: ['packages/core', 'packages/fetch'] },
};

/**
 * What the tests came to on one runtime.
 *
 * @typedef {object} Outcome
 * @property {string} name
 * @property {string} version
 * @property {number} files that were run
 * @property {string[]} broken files that could not be run
 * @property {number} passed tests
 * @property {string[]} failed names of tests
 * @property {string[]} skipped names of tests
 * @property {number} seconds
 * @property {string} [trouble] why there is less to tell than there should be
 */

/**
 * Runs the tests on a runtime; what vitest prints is printed.
 *
 * @param {import('../support/runtimes/runtimes.js').Runtime} runtime
 * @param {string[]} paths
 * @returns {Promise<Outcome>}
 */
export async function runTests({ name, path, version }, paths) {
  const folder = await mkdtemp(join(tmpdir(), 'laneway-matrix-'));
  const report = join(folder, 'report.json');
  const { start, rooms } = OTHERS[name] ?? { start: [], rooms: [] };
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
  const began = performance.now();
  const child = spawn(
    path,
    [...start, VITEST, 'run', ...(paths.length > 0 ? paths : rooms), ...reporters],
    // What a test starts by name, npm for one, is to run on this Node as well.
    {
      cwd: root,
      stdio: 'inherit',
      timeout: LONGEST_MS,
      env: { ...process.env, PATH: dirname(path) + delimiter + process.env.PATH },
    },
  );
  const [code, signal] = await once(child, 'exit');
  const seconds = (performance.now() - began) / 1000;
  const found = await readReport(report);
  await rm(folder, { recursive: true });
  const outcome = { name, version, seconds, ...found };
  if (signal) outcome.trouble = `ended by ${signal}`;
  else if (code !== 0 && outcome.failed.length + outcome.broken.length === 0)
    outcome.trouble ??= `no test failed, and yet vitest ended with ${code}`;
  return outcome;
}

async function readReport(file) {
  let text;
  try {
    text = await readFile(file, 'utf8');
  } catch {
    return { files: 0, broken: [], passed: 0, failed: [], skipped: [], trouble: 'vitest left no report' };
  }
  const { testResults } = JSON.parse(text);
  const tests = testResults.flatMap(({ assertionResults }) => assertionResults);
  const namesOf = (...statuses) =>
    tests.filter(({ status }) => statuses.includes(status)).map(({ fullName }) => fullName);
  return {
    files: testResults.length,
    broken: testResults
      .filter(({ status, assertionResults }) => status === 'failed' && assertionResults.every(isNotFailed))
      .map(({ name, message }) => `${name.replace(root, '')}: ${message.split('\n')[0]}`),
    passed: namesOf('passed').length,
    failed: namesOf('failed'),
    skipped: namesOf('skipped', 'pending', 'todo', 'disabled'),
  };
}

function isNotFailed({ status }) {
  return status !== 'failed';
}
