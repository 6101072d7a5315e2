import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
const VITEST = 'node_modules/vitest/vitest.mjs';
const FEW = 5;
const LONGEST_MS = 30 * 60_000;

/** How a runtime other than Node starts a program, and the packages that support it. */
const OTHERS = {
  bun: { start: ['--bun'], packages: ['packages/core', 'packages/fetch'] },
  deno: { start: ['run', '-A', '--no-lock'], packages: ['packages/core', 'packages/fetch'] },
};

/**
 * The outcome of the tests on one runtime.
 *
 * @typedef {object} Outcome
 * @property {string} name
 * @property {string} version
 * @property {number} files that were run
 * @property {string[]} broken files that could not be run
 * @property {number} passed tests
 * @property {string[]} failed names of tests
 * @property {number} skipped tests
 * @property {string[]} skips names of skipped tests; for a large group that was skipped as a whole, the name of the group
 * @property {number} seconds
 * @property {string} [trouble] why the outcome is incomplete
 */

/** The outcome of a runtime that ran no tests. */
export const nothing = { files: 0, broken: [], passed: 0, failed: [], skipped: 0, skips: [], seconds: 0 };

/**
 * Runs the tests on a runtime, with the output of vitest.
 *
 * @param {import('../support/runtimes/runtimes.js').Runtime} runtime
 * @param {string[]} paths
 * @returns {Promise<Outcome>}
 */
export async function runTests({ name, path, version }, paths) {
  const folder = await mkdtemp(join(tmpdir(), 'laneway-matrix-'));
  const report = join(folder, 'report.json');
  const { start, packages } = OTHERS[name] ?? { start: [], packages: [] };
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
  const began = performance.now();
  const child = spawn(
    path,
    [...start, VITEST, 'run', ...(paths.length > 0 ? paths : packages), ...reporters],
    // Commands that a test starts by name, such as npm, must run on this Node, too.
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
  const outcome = { ...found, name, version, seconds };
  if (signal) outcome.trouble = `ended by ${signal}`;
  else if (code !== 0 && outcome.failed.length + outcome.broken.length === 0)
    outcome.trouble ??= `no test failed, but vitest ended with ${code}`;
  return outcome;
}

async function readReport(file) {
  let text;
  try {
    text = await readFile(file, 'utf8');
  } catch {
    return { ...nothing, trouble: 'vitest left no report' };
  }
  const { testResults } = JSON.parse(text);
  const tests = testResults.flatMap(({ assertionResults }) => assertionResults);
  const skipped = tests.filter(isSkipped);
  return {
    files: testResults.length,
    broken: testResults
      .filter(({ status, assertionResults }) => status === 'failed' && assertionResults.every(isNotFailed))
      .map(({ name, message }) => `${name.replace(root, '')}: ${message.split('\n')[0]}`),
    passed: tests.filter(({ status }) => status === 'passed').length,
    failed: tests.filter((test) => !isNotFailed(test)).map(({ fullName }) => fullName),
    skipped: skipped.length,
    skips: testResults.flatMap(({ assertionResults }) => nameSkips(assertionResults)),
  };
}

/** Returns the names of the skipped tests of a file; for a large group in which all tests are skipped, only the group's name. */
function nameSkips(tests) {
  const names = tests.filter(isSkipped).map((test) => {
    const groups = groupsOf(test).map((name) => ({
      name,
      tests: tests.filter((one) => groupsOf(one).includes(name)),
    }));
    const whole = groups.find((group) => group.tests.length > FEW && group.tests.every(isSkipped));
    // The innermost of several groups with equal tests: its name has the reason.
    return groups.findLast((group) => group.tests.length === whole?.tests.length)?.name ?? test.fullName;
  });
  return [...new Set(names)];
}

/** Returns the full names of the groups around a test, the outermost first. */
function groupsOf({ ancestorTitles }) {
  return ancestorTitles.filter(Boolean).map((_, index, titles) => titles.slice(0, index + 1).join(' '));
}

function isSkipped({ status }) {
  return status !== 'passed' && status !== 'failed';
}

function isNotFailed({ status }) {
  return status !== 'failed';
}
