import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);
const require = createRequire(import.meta.url);
const fixtures = fileURLToPath(new URL('fixtures/', import.meta.url));
const dist = fileURLToPath(new URL('../../packages/fetch/dist/', import.meta.url));

/** A run of a test runner on fixtures. */
export interface FixtureRun {
  readonly name: string;
  /** The arguments of Node. */
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

/** One test of a fixture: `error` is missing when it passed. */
export interface Row {
  readonly name: string;
  readonly error?: string;
}

/** Returns a run of `node --test`. */
export function runNodeTest(file: string, env: Readonly<Record<string, string>> = {}): FixtureRun {
  const reporter = ['--test-reporter=./reporters/node.mjs', `--test-reporter-destination=${ROWS}`];
  return {
    name: ['node --test', file, ...Object.values(env)].join(' '),
    args: ['--test', ...reporter, `node/${file}.test.mjs`],
    env,
  };
}

/** Returns a run of jest. */
export function runJest(): FixtureRun {
  const config = join(fixtures, 'jest', 'jest.config.cjs');
  return { name: 'jest', args: [binOf('jest', 'bin/jest.js'), '--config', config] };
}

/** Returns a run of vitest in one of its pools. */
export function runVitest(pool: string): FixtureRun {
  const options = ['run', `--config=vitest/vitest.config.mjs`, `--pool=${pool}`];
  return { name: `vitest ${pool}`, args: [binOf('vitest', 'vitest.mjs'), ...options], env: { POOL: pool } };
}

// Placeholder in the arguments for the path of the file of rows.
const ROWS = '{rows}';

/** Returns a row for each test of a run. If the run writes no rows, returns one row with its output. */
export async function runFixture({ args, env }: FixtureRun): Promise<Row[]> {
  if (!existsSync(dist)) throw new Error('test/mocks runs the built packages. Run `npm run build` first.');
  const folder = await mkdtemp(join(tmpdir(), 'laneway-mocks-'));
  const rows = join(folder, 'rows');
  try {
    const output = await run(
      process.execPath,
      args.map((arg) => arg.replace(ROWS, rows)),
      { cwd: fixtures, env: { ...cleanEnv(), ...env, ROWS: rows }, timeout: 60_000 },
    ).catch((error: unknown) => error as { stdout: string; stderr: string });
    const text = await readFile(rows, 'utf8').catch(() => '');
    if (text === '') return [{ name: 'the runner runs', error: output.stdout + output.stderr }];
    return text
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Row);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Returns the environment without the settings of the calling vitest, of Laneway and of proxies. */
function cleanEnv(): NodeJS.ProcessEnv {
  const { NODE_OPTIONS: _, NODE_ENV: __, ...env } = process.env;
  return Object.fromEntries(
    Object.entries(env).filter(([key]) => !/^(VITEST|VITE_|TEST$|LANEWAY_)|_proxy$/i.test(key)),
  );
}

function binOf(name: string, path: string): string {
  return join(dirname(require.resolve(`${name}/package.json`)), path);
}
