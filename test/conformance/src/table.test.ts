// The committed tables are what a run gives: `npm run table -w @laneway-internal/conformance` writes them anew.
import { describe, expect, test } from 'vitest';
import { type Carrier, judge, sdkRoom, type Subject } from './subject.js';
import { type Judged, renderTable } from './table.js';

const SUBJECTS = (['laneway', 'opentelemetry', 'both'] as const satisfies Carrier[]).flatMap(
  (carrier): Subject[] => [
    { carrier, client: 'fetch' },
    { carrier, client: 'http' },
  ],
);

const isNode22 = Number(process.versions.node.split('.')[0]) >= 22;

for (const { sdk, room, runs } of [
  { sdk: 2, room: 'conformance', runs: true },
  { sdk: 3, room: 'interop-sdk-3', runs: isNode22 },
])
  describe.skipIf(!runs)(`OpenTelemetry SDK ${sdk}${runs ? '' : ' (needs Node 22)'}`, () => {
    const judged: Judged[] = [];

    test.each(SUBJECTS)('$carrier, $client', async (subject) => {
      const report = await judge(subject, sdkRoom(room));
      judged.push({ subject, report });
      if (subject.carrier === 'opentelemetry') return;
      expect(report.cases.filter(({ verdict, exact }) => verdict === 'fail' || exact === false)).toEqual([]);
    });

    test('the committed table', async () => {
      const table = await renderTable(judged, sdkRoom(room));
      await expect(table).toMatchFileSnapshot(`../opentelemetry-${sdk}.md`);
    });
  });
