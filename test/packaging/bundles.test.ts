import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, type BuildOptions } from 'esbuild';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runInRoot } from './packed.js';

const root = fileURLToPath(new URL('../..', import.meta.url));
const service = fileURLToPath(new URL('fixtures/bundled-service.mjs', import.meta.url));
const copy = join(root, 'packages/core/dist/index.mjs');

// Users add this to an ESM bundle so that its CommonJS packages can require Node's modules.
const banner = {
  js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);",
};
// CommonJS packages that require Node's modules.
const commonJs = [
  'express',
  'axios',
  'socket.io',
  'socket.io-client',
  'undici',
  'http2-wrapper',
  '@opentelemetry/core',
];

let folder: string;
beforeAll(async () => {
  const cache = join(root, 'node_modules', '.cache');
  await mkdir(cache, { recursive: true });
  folder = await mkdtemp(join(cache, 'laneway-bundles-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe('a service in a bundle', () => {
  test.each<[string, string, BuildOptions]>([
    ['CommonJS', 'all.cjs', { format: 'cjs' }],
    ['CommonJS, minified', 'min.cjs', { format: 'cjs', minify: true }],
    ['ESM', 'all.mjs', { format: 'esm', banner }],
    ['ESM without a require, CommonJS packages left out', 'lean.mjs', { format: 'esm', external: commonJs }],
  ])(
    '%s: every adapter carries the lane, and shares it with a copy of core outside',
    async (_, name, options) => {
      const outfile = join(folder, name);
      const { warnings } = await build({
        entryPoints: [service],
        outfile,
        bundle: true,
        platform: 'node',
        target: 'node20',
        logLevel: 'silent',
        ...options,
      });
      const lanewayWarnings = warnings.filter(({ location }) =>
        /packages\/[\w.-]+\/dist/.test(location?.file ?? ''),
      );
      expect(lanewayWarnings.map(({ text, location }) => `${location?.file}: ${text}`)).toEqual([]);
      const seen = JSON.parse(await runInRoot(process.execPath, [outfile, copy])) as Record<string, unknown>;
      const each = (lane: string): Record<string, string> => ({
        fetch: lane,
        http: lane,
        undici: lane,
        axios: lane,
        got: lane,
        instrumented: `${lane},${lane}`,
        opentelemetry: 'v3',
      });
      expect(seen).toEqual({ lane: each('v2'), baseline: each('none'), event: 'v2', shared: 'v2' });
    },
  );
});
