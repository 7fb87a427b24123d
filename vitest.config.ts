import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // The Temporal core is a native module: a fork per file, never a thread.
    pool: 'forks',
    maxWorkers: 2,
    globalSetup: ['test/support/global-setup.ts'],
    reporters: [
      'default',
      './test/support/figures-reporter.ts',
      './test/support/count-reporter.ts',
    ],
    testTimeout: 30_000,
    hookTimeout: 120_000,
    teardownTimeout: 30_000,
    // `npm run test:coverage`: the domain by its own tests, types without code apart.
    coverage: {
      provider: 'v8',
      include: ['domain/**/*.ts'],
      exclude: ['test/**'],
      reporter: [['text', { skipFull: true }], 'json-summary'],
      reportsDirectory: 'coverage',
      thresholds: { lines: 95, branches: 95 },
    },
    provide: { cachedWorkflowsMax: 1_000 },
  },
});
