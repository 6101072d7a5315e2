import { defineConfig, type ViteUserConfig } from 'vitest/config';

const config: ViteUserConfig = defineConfig({
  // Tests run the sources; only test/packaging looks at what a build and `npm pack` make of them.
  resolve: { conditions: ['@laneway/source'] },
  ssr: { resolve: { conditions: ['@laneway/source'], externalConditions: ['node', 'import'] } },
  test: {
    include: ['packages/*/src/**/*.test.ts', 'test/*/**/*.test.ts'],
    testTimeout: 20_000,
    hookTimeout: 30_000,
  },
});

export default config;
