import { defineConfig, type UserConfig } from 'tsdown';

/** The program, so that it runs on the built packages and on any supported Node. */
const config: UserConfig = defineConfig({
  entry: ['src/main.ts', 'src/subject-process.ts', 'src/upstream-process.ts'],
  format: ['esm'],
  platform: 'node',
  target: 'node20.19',
  dts: false,
  // What is measured is what is installed.
  deps: { neverBundle: [/^[^./]/] },
  sourcemap: true,
  clean: true,
});

export default config;
