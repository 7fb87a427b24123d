import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { cargo } from '../../stack/index.js';
import {
  ALL_CRATES,
  cargoArguments,
  EVERY_ORDER,
  memorySuite,
  type NativeSuite,
  UNTESTED,
} from '../../tools/native-suites.js';
import {
  MEMORY_COUNTS,
  missingOf,
  NATIVE_COUNTS,
  ORDERS_COUNTS,
  passedByTarget,
  SANITIZER_COUNTS,
} from '../support/native-counts.js';

/** `npm test` has built them (tools/prepare-servers.ts); whoever asks for these alone waits. */
const BUILD_AND_RUN_MS = 600_000;

test(
  'the native engine’s own tests: names, amounts, leases, refusals, journal, kills',
  async () => {
    const { passed, failed } = await counted(ALL_CRATES);
    expect(failed).toEqual([]);
    expect(missingOf(NATIVE_COUNTS, passed)).toEqual([]);
  },
  BUILD_AND_RUN_MS,
);

test(
  'every order of its atomics: a market is taken once, and nothing leaves after a freeze',
  async () => {
    const { passed, failed } = await counted(EVERY_ORDER);
    expect(failed).toEqual([]);
    expect(missingOf(ORDERS_COUNTS, passed)).toEqual([]);
  },
  BUILD_AND_RUN_MS,
);

test(
  'the memory that journal and clock share with the kernel: no access to what is not their own',
  async () => {
    const suite = memorySuite((line) => {
      console.warn(line);
    });
    const { passed, failed } = await counted(suite);
    expect(failed).toEqual([]);
    const isWatched = suite.targets.includes('sanitizer');
    expect(missingOf(isWatched ? SANITIZER_COUNTS : MEMORY_COUNTS, passed)).toEqual([]);
  },
  BUILD_AND_RUN_MS,
);

test('the one crate whose tests nobody runs has none', async () => {
  const files = await readdir(UNTESTED.folder, { recursive: true, withFileTypes: true });
  const sources = files.filter((file) => file.name.endsWith('.rs'));
  expect(sources.length).toBeGreaterThan(10);
  const texts = sources.map(({ parentPath, name }) => readFile(join(parentPath, name), 'utf8'));
  const hasTest = (await Promise.all(texts)).map((text) =>
    /#\[(\w+::)?test\b|cfg\(test\)/.test(text),
  );
  expect(sources.filter((_, place) => hasTest[place]).map(({ name }) => name)).toEqual([]);
});

async function counted(suite: NativeSuite) {
  const said: string[] = [];
  const { exitCode, output } = await cargo(cargoArguments(suite), (line) => said.push(line));
  const lines = output.split('\n');
  // From the first failure on cargo prints what each failed test has said.
  const failure = lines.indexOf('failures:');
  return {
    passed: passedByTarget(said, output),
    failed:
      exitCode === 0 ? [] : [...said.slice(-20), ...(failure < 0 ? [] : lines.slice(failure))],
  };
}
