import { expect, test } from 'vitest';
import { cargo } from '../../stack/index.js';

/** Building began with the tests (tools/prepare-native.ts), and was over before these unless it failed. */
const BUILD_AND_RUN_MS = 600_000;

/** Which has no tests of its own, and takes as long to build as all the others. */
const ALL_BUT_THE_PROCESS = ['--workspace', '--exclude', 'legwork-engine'];

test(
  'the native engine’s own tests: names, amounts, leases, refusals, journal, kills',
  async () => {
    const { passed, failed } = await counted(['test', '--locked', ...ALL_BUT_THE_PROCESS]);
    expect(failed).toEqual([]);
    expect(passed).toBeGreaterThan(40);
  },
  BUILD_AND_RUN_MS,
);

test(
  'every order of its atomics: a market is taken once, and nothing leaves after a freeze',
  async () => {
    const args = [
      ...['test', '--locked', '-p', 'legwork-engine-core'],
      ...['--lib', '--features', 'loom', 'every_order'],
    ];
    const { passed, failed } = await counted(args);
    expect(failed).toEqual([]);
    expect(passed).toBeGreaterThan(2);
  },
  BUILD_AND_RUN_MS,
);

async function counted(args: readonly string[]) {
  const said: string[] = [];
  const { exitCode, output } = await cargo(args, (line) => said.push(line));
  const lines = output.split('\n');
  // From the first failure on cargo prints what each failed test has said.
  const failure = lines.indexOf('failures:');
  return {
    passed: lines.filter((line) => line.endsWith('... ok')).length,
    failed:
      exitCode === 0 ? [] : [...said.slice(-20), ...(failure < 0 ? [] : lines.slice(failure))],
  };
}
