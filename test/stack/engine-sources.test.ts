import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { engineDigest } from '../../stack/engine-sources.js';
import { packageRoot } from '../../stack/index.js';

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

const sources = {
  'native/Cargo.toml': '[workspace]',
  'native/Cargo.lock': 'version = 4',
  'native/engine/src/lib.rs': 'const T: &str = include_str!("../../../venues/table.json");',
  'native/engine/tests/trade.rs': '#[test]',
  'venues/table.json': '{}',
  'venues/another.json': '{}',
};

function digestOf(change: Readonly<Record<string, string>> = {}, compiler = 'rustc 1.92.0') {
  const root = mkdtempSync(join(tmpdir(), 'legwork-sources-'));
  folders.push(root);
  for (const [name, content] of Object.entries({ ...sources, ...change })) {
    mkdirSync(dirname(join(root, name)), { recursive: true });
    writeFileSync(join(root, name), content);
  }
  return engineDigest(root, compiler);
}

test('two checkouts with the same sources have one engine', () => {
  expect(digestOf()).toBe(digestOf());
  expect(digestOf()).toMatch(/^[0-9a-f]{64}$/);
});

test.each([
  ['a source', { 'native/engine/src/lib.rs': 'const T: &str = "";' }],
  ['a new file', { 'native/engine/src/new.rs': '' }],
  ['the locked crates', { 'native/Cargo.lock': 'version = 5' }],
  ['the workspace', { 'native/Cargo.toml': '[workspace]\n' }],
  ['the toolchain', { 'native/rust-toolchain.toml': '[toolchain]' }],
  ['what cargo is told', { 'native/.cargo/config.toml': '[build]' }],
  ['data that is compiled in', { 'venues/table.json': '[]' }],
])('another engine is built for a change of %s', (_, change: Record<string, string>) => {
  expect(digestOf(change)).not.toBe(digestOf());
});

test('another engine is built by another compiler', () => {
  expect(digestOf({}, 'rustc 1.93.0')).not.toBe(digestOf());
});

test('what is beside the engine builds none: its tests, and data that nobody compiles in', () => {
  const beside = { 'native/engine/tests/trade.rs': '', 'venues/another.json': '[]' };
  expect(digestOf(beside)).toBe(digestOf());
});

test('the engine includes no file by a name that its digest would not see', () => {
  const native = join(packageRoot(), 'native');
  const names = readdirSync(native, { recursive: true, encoding: 'utf8' });
  const included = names
    .filter((name) => name.endsWith('.rs'))
    .flatMap((name) => readFileSync(join(native, name), 'utf8').match(/include\w*!\(.*/g) ?? []);
  expect(included.length).toBeGreaterThan(0);
  for (const line of included) expect(line).toMatch(/^include(_str|_bytes)?!\("[^"]+"\)/);
});
