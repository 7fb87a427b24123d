import tests from '../vitest.config.js';

// `npm run record:histories`: trades whole arbitrages and keeps their histories. What is there
// already stays as it is, because an old history is what a new workflow has to replay.
export default {
  test: { ...tests.test, include: ['test/replay/record-histories.ts'], testTimeout: 60_000 },
};
