import { readFile, writeFile } from 'node:fs/promises';
import { format, resolveConfig } from 'prettier';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Findings, findWhatHolds, formatTable } from './holds.js';
import { sdks, type SdkInstall } from './sdk-install.js';
import type { Wiring } from './service.js';

// The table in the README of @laneway/opentelemetry. `npm run table -w @laneway-internal/interop` writes it.
const README = new URL('../../packages/opentelemetry/README.md', import.meta.url);
const MARKS = /(<!-- table -->\n)[^]*(<!-- \/table -->)/;

const columns: readonly (readonly [name: string, wiring: Wiring])[] = [
  ['a plain NodeSDK', 'plain'],
  ['with LanePropagator', 'propagator'],
  ['with LaneInstrumentation', 'instrumentation'],
  ['with both', 'both'],
];

describe.each(sdks)('what holds for plain clients: $name', ({ skip, install: installSdk }) => {
  describe.skipIf(skip !== undefined)(skip ?? 'the table in the README', () => {
    let install: SdkInstall;
    beforeAll(async () => void (install = await installSdk()));
    afterAll(() => install.remove());

    test('matches what is measured', { timeout: 120_000 }, async () => {
      const found = new Map<string, Findings>();
      for (const [name, wiring] of columns) found.set(name, await findWhatHolds(install, wiring));
      const readme = await readFile(README, 'utf8');
      const measured = readme.replace(MARKS, `$1\n${formatTable(found)}\n\n$2`);
      const config = await resolveConfig(README);
      const expected = await format(measured, { ...config, parser: 'markdown' });
      if (process.env.WRITE_TABLE === 'true') await writeFile(README, expected);
      else expect(readme).toBe(expected);
    });
  });
});
