import { copyFile, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { install, type PackedPackages, packAll, readManifest, runInRoot } from './packed.js';

const fixture = (name: string): string => fileURLToPath(new URL(`fixtures/${name}`, import.meta.url));

let packed: PackedPackages;
let first: string;
let second: string;
beforeAll(async () => {
  packed = await packAll();
  first = await install(packed, 'first');
  second = await install(packed, 'second');
}, 120_000);
afterAll(() => packed.remove());

test('publint and attw report no problem in any package', async () => {
  for (const { tarball } of packed.packages) {
    await runInRoot('npx', ['--no-install', 'publint', 'run', tarball, '--strict']);
    await runInRoot('npx', ['--no-install', 'attw', tarball, '--no-emoji', '--format', 'ascii']);
  }
}, 180_000);

test('every package can be published: it has a license and engines, and no workspace fields', async () => {
  expect(packed.packages.length).toBeGreaterThanOrEqual(8);
  for (const { name } of packed.packages) {
    const manifest = await readManifest(first, name);
    expect(manifest).toMatchObject({ license: 'Apache-2.0', engines: { node: '>=20.19' } });
    expect(JSON.stringify(manifest)).not.toMatch(/workspace:|file:/);
  }
});

describe('one store (promise 9)', () => {
  test('ESM, CommonJS and a second installed copy see the same lane', async () => {
    await copyFile(fixture('one-store.mjs'), join(first, 'one-store.mjs'));
    const output = await runInRoot(process.execPath, [join(first, 'one-store.mjs'), second]);
    const seen = JSON.parse(output) as Record<string, unknown>;
    expect(seen.copies).toBe(4);
    for (const [check, result] of Object.entries(seen))
      if (check !== 'copies') expect([check, result]).toEqual([check, true]);
  });
});

test('every package declares what it imports', async () => {
  for (const { name } of packed.packages) {
    const { dependencies = {}, peerDependencies = {} } = (await readManifest(first, name)) as Record<
      string,
      object
    >;
    const declared = new Set([name, ...Object.keys(dependencies), ...Object.keys(peerDependencies)]);
    const text = await readFile(join(first, 'node_modules', name, 'dist', 'index.mjs'), 'utf8');
    const imported = [...text.matchAll(/^(?:import|export) (?:.*? from )?"([^".][^"]*)";$/gm)].map(
      ([, id = '']) => id,
    );
    const bare = imported.filter((id) => !id.startsWith('node:'));
    const packages = bare.map((id) => id.split('/', id.startsWith('@') ? 2 : 1).join('/'));
    expect([name, packages.filter((id) => !declared.has(id))]).toEqual([name, []]);
  }
});

test('the adapters load as ESM and as CommonJS', async () => {
  const names = packed.packages.map(({ name }) => name).filter((name) => !/testing|cli/.test(name));
  const esm = names.map(
    (name, i) => `import * as m${i} from '${name}'; names.push(Object.keys(m${i}).length);`,
  );
  await writeFile(
    join(first, 'esm.mjs'),
    `const names = []; ${esm.join('\n')} console.log(names.every(Boolean));`,
  );
  const cjs = names.map((name) => `Object.keys(require('${name}')).length`);
  await writeFile(join(first, 'cjs.cjs'), `console.log([${cjs.join(',')}].every(Boolean));`);
  expect(await runInRoot(process.execPath, [join(first, 'esm.mjs')])).toBe('true\n');
  expect(await runInRoot(process.execPath, [join(first, 'cjs.cjs')])).toBe('true\n');
});
