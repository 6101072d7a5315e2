import { defineConfig, type UserConfig } from 'tsdown';

/** One build for every room: ESM and CommonJS with their types, peers left to the application. */
const config: UserConfig = defineConfig({
  cwd: process.cwd(),
  entry: ['src/index.ts'],
  format: ['esm', 'cjs'],
  platform: 'node',
  target: 'node20.19',
  dts: true,
  // Dependencies and peers stay imports: a bundled copy of a peer would be a second store (promise 9 of the README).
  deps: { onlyBundle: [] },
  sourcemap: true,
  clean: true,
  fixedExtension: true,
});

export default config;
