import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { Nest } from './application.fixture.js';
import { applicationsContract } from './applications.contract.js';
import { handlersContract } from './handlers.contract.js';
import { hybridContract } from './hybrid.contract.js';
import { phasesContract } from './phases.contract.js';
import { streamsContract } from './streams.contract.js';

/**
 * Runs all tests of this package with a version of NestJS.
 *
 * @param url `import.meta.url` of the calling test, in the workspace of that version
 * @param nest the packages that the test imports; `unknown`, because the types differ between versions
 */
export function nestContract(url: string, nest: Record<keyof Nest, unknown>): void {
  const entry = createRequire(url).resolve('@nestjs/core');
  const manifest = readFileSync(join(dirname(entry), 'package.json'), 'utf8');
  const name = `NestJS ${(JSON.parse(manifest) as { version: string }).version}`;
  for (const platform of ['express', 'fastify'] as const) {
    for (const contract of [
      handlersContract,
      phasesContract,
      streamsContract,
      applicationsContract,
      hybridContract,
    ])
      contract(name, nest as Nest, platform);
  }
}
