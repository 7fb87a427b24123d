import { expect, test } from 'vitest';
import { cargo } from '../../stack/index.js';
import { NATIVE_TESTED } from '../support/native-example.js';

/** `npm test` has built them (tools/prepare-servers.ts); whoever asks for these alone waits. */
const BUILD_AND_RUN_MS = 600_000;

test(
  'the native engine’s own tests: names, amounts, leases, refusals, journal, kills',
  async () => {
    const { passed, failed } = await counted(['test', '--locked', ...NATIVE_TESTED]);
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
