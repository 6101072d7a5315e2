// Compares the committed tables with a new run. `npm run table -w @laneway-internal/conformance` updates them.
import { describe, expect, test } from 'vitest';
import { type Carrier, judge, findSdk, type Subject } from './subject.js';
import { type Judged, renderTable } from './table.js';

const SUBJECTS = (['laneway', 'opentelemetry', 'both'] as const satisfies Carrier[]).flatMap(
  (carrier): Subject[] => [
    { carrier, client: 'fetch' },
    { carrier, client: 'http' },
  ],
);

const isNode22 = Number(process.versions.node.split('.')[0]) >= 22;

for (const { sdk, folder, runs } of [
  { sdk: 2, folder: 'conformance', runs: true },
  { sdk: 3, folder: 'interop-sdk-3', runs: isNode22 },
])
  describe.skipIf(!runs)(`OpenTelemetry SDK ${sdk}${runs ? '' : ' (needs Node 22)'}`, () => {
    const judged: Judged[] = [];

    test.each(SUBJECTS)('$carrier, $client', async (subject) => {
      const report = await judge(subject, findSdk(folder));
      judged.push({ subject, report });
      if (subject.carrier === 'opentelemetry') return;
      expect(report.cases.filter(({ verdict, exact }) => verdict === 'fail' || exact === false)).toEqual([]);
    });

    test('the committed table matches this run', async () => {
      const table = await renderTable(judged, findSdk(folder));
      await expect(table).toMatchFileSnapshot(`../opentelemetry-${sdk}.md`);
    });
  });
