import { defineConfig } from 'vitest/config';

/** Without a server, a process or a clock: what the domain's coverage is counted from. */
const pure = [
  'test/domain/**/*.test.ts',
  'test/model/**/*.test.ts',
  'test/rates/rate-rule.test.ts',
];
/** Whoever kills processes and measures how they come back wants the machine for itself. */
const lonely = ['test/crash/**/*.test.ts', 'test/soak/**/*.test.ts'];

/**
 * The pure suites; then, one file at a time, those that kill; then every other, and the workflow suite once more, with workers that
 * keep no workflow between its tasks (every task replays its history from the start, as after the death
 * of its worker).
 */
export default defineConfig({
  test: {
    // The Temporal core is a native module: a fork, never a thread.
    pool: 'forks',
    // What a fork has imported and compiled serves its next file too: a third of its processor time.
    isolate: false,
    // Most of them wait for a venue, a clock or a server: two cores are not busy with two.
    maxWorkers: 3,
    globalSetup: ['test/support/global-setup.ts'],
    reporters: [
      'default',
      './test/support/figures-reporter.ts',
      './test/support/faults-reporter.ts',
      './test/support/count-reporter.ts',
    ],
    // On a busy machine: what hangs is told a minute later, and nothing is red for being slow.
    testTimeout: 120_000,
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
    projects: [
      {
        extends: true,
        test: { name: 'pure', include: pure, provide: { cachedWorkflowsMax: 1_000 } },
      },
      {
        extends: true,
        test: {
          name: 'cached',
          include: ['test/**/*.test.ts'],
          exclude: [...pure, ...lonely],
          provide: { cachedWorkflowsMax: 1_000 },
          sequence: { groupOrder: 2 },
        },
      },
      {
        extends: true,
        test: {
          name: 'uncached',
          include: ['test/workflow/**/*.test.ts'],
          provide: { cachedWorkflowsMax: 0 },
          sequence: { groupOrder: 2 },
        },
      },
      {
        extends: true,
        test: {
          name: 'killed',
          include: lonely,
          provide: { cachedWorkflowsMax: 1_000 },
          maxWorkers: 1,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
