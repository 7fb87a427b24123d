import tests from '../vitest.config.js';

// The workflow suite once more, with workers that keep no workflow between its tasks: every task
// replays its history from the start, as after the death of its worker.
export default {
  test: {
    ...tests.test,
    include: ['test/workflow/**/*.test.ts'],
    provide: { cachedWorkflowsMax: 0 },
  },
};
