import { defineConfig } from 'vitest/config';

// `npm run record:histories`: trades whole arbitrages and keeps their histories. What is there
// already stays as it is, because an old history is what a new workflow has to replay.
export default defineConfig({
  test: {
    include: ['test/replay/record-histories.ts'],
    pool: 'forks',
    globalSetup: ['test/support/global-setup.ts'],
    provide: { cachedWorkflowsMax: 1_000 },
    reporters: ['verbose'],
    testTimeout: 120_000,
    hookTimeout: 120_000,
    teardownTimeout: 30_000,
  },
});
