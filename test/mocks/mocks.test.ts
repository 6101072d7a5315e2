import { describe, expect, test } from 'vitest';
import { type FixtureRun, type Row, runFixture, runJest, runNodeTest, runVitest } from './run-fixture.js';

// Runs tests as users of Laneway write them (see fixtures/). Each of their tests is a row.
const runs: readonly FixtureRun[] = [
  runJest(),
  ...['threads', 'forks', 'vmThreads', 'vmForks'].map((pool) => runVitest(pool)),
  ...['msw', 'nock'].flatMap(runMock),
  ...['stubs', 'caching', 'recursion', 'mock-agent', 'same-outcome', 'http-clients', 'recipes'].map((file) =>
    runNodeTest(file),
  ),
];

for (const [run, rows] of await runAll(runs)) {
  describe(run.name, () => {
    test('has rows', () => expect(rows.length).toBeGreaterThan(4));
    for (const { name, error } of rows)
      test(name, () => {
        if (error !== undefined) throw new Error(error);
      });
  });
}

/** Returns a run for each order of the mock and Laneway. Each needs its own process, because both change the same globals. */
function runMock(MOCK: string): FixtureRun[] {
  return [
    runNodeTest('matrix', { MOCK, FIRST: 'lane', STYLE: 'wrapped' }),
    runNodeTest('matrix', { MOCK, FIRST: 'lane', STYLE: 'instrumented' }),
    runNodeTest('matrix', { MOCK, FIRST: 'mock', STYLE: 'wrapped' }),
    runNodeTest('matrix', { MOCK, FIRST: 'mock', STYLE: 'instrumented' }),
    runNodeTest('passthrough', { MOCK }),
  ];
}

/** Runs all, two at a time. Returns the rows of each run. */
async function runAll(all: readonly FixtureRun[]): Promise<Map<FixtureRun, Row[]>> {
  const results = new Map<FixtureRun, Row[]>(all.map((run) => [run, []]));
  const waiting = all.values();
  const work = async (): Promise<void> => {
    for (const run of waiting) results.set(run, await runFixture(run));
  };
  await Promise.all([work(), work()]);
  return results;
}
