import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const linesOf = (path: string): string[] =>
  readFileSync(fileURLToPath(new URL(path, import.meta.url)), 'utf8')
    .split('\n')
    .map((line) => line.trim());

test('the fixtures contain every line of the recipes in the README of @laneway/testing', () => {
  const readme = linesOf('../../packages/testing/README.md').join('\n');
  const [, section = ''] = /^## Test your service$(.*?)^## /ms.exec(readme) ?? [];
  const recipes = [...section.matchAll(/^```js$(.*?)^```$/gms)].flatMap(([, code = '']) => code.split('\n'));
  const files = ['node', 'jest', 'vitest'].flatMap((folder) =>
    readdirSync(fileURLToPath(new URL(`fixtures/${folder}`, import.meta.url)))
      .filter((file) => file.endsWith('.mjs'))
      .map((file) => `fixtures/${folder}/${file}`),
  );
  const run = new Set(files.flatMap(linesOf));
  expect(recipes.length).toBeGreaterThan(20);
  expect(recipes.filter((line) => !run.has(line))).toEqual([]);
});
