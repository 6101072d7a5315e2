import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

interface Outcome {
  name: string;
  version: string;
  files: number;
  broken: string[];
  passed: number;
  failed: string[];
  skipped: number;
  skips: string[];
  seconds: number;
  trouble?: string;
}

// The program is JavaScript, so that it runs without a build.
const load = (file: string): Promise<unknown> => import(new URL(file, import.meta.url).href);
const { formatReport, isGreen } = (await load('report.js')) as {
  formatReport(outcomes: Outcome[]): string;
  isGreen(outcome: Outcome): boolean;
};
const { parseOptions } = (await load('options.js')) as {
  parseOptions(args: string[]): { help: boolean; only: string[]; paths: string[] };
};

const green: Outcome = {
  name: 'node26',
  version: '26.10.0',
  files: 90,
  broken: [],
  passed: 1000,
  failed: [],
  skipped: 0,
  skips: [],
  seconds: 61.4,
};

test('green means that some tests passed and nothing is wrong', () => {
  expect(isGreen(green)).toBe(true);
  expect(isGreen({ ...green, skipped: 1, skips: ['for a reason'] })).toBe(true);
  expect(isGreen({ ...green, passed: 0 })).toBe(false);
  expect(isGreen({ ...green, failed: ['a test'] })).toBe(false);
  expect(isGreen({ ...green, broken: ['a file'] })).toBe(false);
  expect(isGreen({ ...green, trouble: 'vitest left no report' })).toBe(false);
});

test('the report lists each skipped and each failed test once, with its runtimes', () => {
  const bun = {
    ...green,
    name: 'bun',
    version: '1.4.5',
    passed: 7,
    seconds: 9,
    skipped: 2,
    skips: ['gc: why', 'gc: why'],
  };
  const report = formatReport([
    green,
    { ...bun, broken: ['a.test.ts: no gc'], failed: ['b fails'] },
    { ...bun, name: 'deno', version: '2.9.6', trouble: 'ended by SIGTERM' },
  ]);
  expect(report.split('\n')).toEqual([
    'Skipped:',
    '  gc: why [bun, deno]',
    '',
    'Failed:',
    '  a.test.ts: no gc [bun]',
    '  b fails [bun]',
    '  ended by SIGTERM [deno]',
    '',
    'runtime  version          files  passed  failed  skipped  time',
    'node26   26.10.0             90    1000       0        0  61 s',
    'bun      1.4.5    90 (1 broken)       7       1        2   9 s  not green',
    'deno     2.9.6               90       7       0        2   9 s  not green',
  ]);
});

test('options: names in the order of the table, paths, and an error that lists the known names', () => {
  expect(parseOptions([])).toEqual({
    help: false,
    only: ['node20', 'node22', 'node24', 'node26', 'bun', 'deno'],
    paths: [],
  });
  expect(parseOptions(['--only', 'bun,node26', 'packages/core'])).toMatchObject({
    only: ['node26', 'bun'],
    paths: ['packages/core'],
  });
  expect(() => parseOptions(['--only', 'node18'])).toThrow(/node18\. Use one of: node20/);
});

test('--help prints the usage', async () => {
  const main = fileURLToPath(new URL('main.js', import.meta.url));
  const { stdout } = await promisify(execFile)(process.execPath, [main, '--help']);
  expect(stdout).toMatch(/^Usage: npm run test:matrix/);
});
