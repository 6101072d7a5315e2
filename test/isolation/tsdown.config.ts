import { defineConfig, type UserConfig } from 'tsdown';

/** Builds the program, so that it runs with the built packages on any supported Node. */
const config: UserConfig = defineConfig({
  entry: ['src/main.ts', 'src/subject-process.ts', 'src/upstream-process.ts'],
  format: ['esm'],
  platform: 'node',
  target: 'node20.19',
  dts: false,
  // Measure the installed packages: bundle nothing.
  deps: { neverBundle: [/^[^./]/] },
  sourcemap: true,
  clean: true,
});

export default config;
