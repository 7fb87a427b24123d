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
    provide: { cachedWorkflowsMax: 1_000 },
  },
});
