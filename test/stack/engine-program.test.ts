import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { findEngine } from '../../stack/index.js';

let folder: string;
let steps: string[];
const onStep = (line: string): void => void steps.push(line);

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'legwork-engine-'));
  steps = [];
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true, force: true });
});

const artifact = (name: string, executable: string | null): string =>
  JSON.stringify({ reason: 'compiler-artifact', target: { name }, executable });
const BUILT = [
  artifact('tokio', null),
  artifact('legwork-engine', '/cache/release/legwork-engine'),
];

test('a program that is named is the engine, and nothing is built', async () => {
  const named = script('engine', ['exit 0']);
  rustIs({ said: [], exitCode: 1 });
  expect(await findEngine({ named, onStep })).toEqual({ program: named, origin: 'named' });
});

test('what is named and cannot be started is refused, with what to do', async () => {
  for (const named of [join(folder, 'nothing'), folder]) {
    await expect(findEngine({ named, onStep })).rejects.toThrow(
      /LEGWORK_ENGINE names .*, which is no program[\s\S]*unset LEGWORK_ENGINE/,
    );
  }
});

test('a first build tells how far it is, and where the program lies', async () => {
  const said = ['    Updating index', ' Downloading crates ...', '   Compiling libc v0.2'];
  rustIs({ said: [...said, '   Compiling tokio v1', '    Finished `release`'], printed: BUILT });
  expect(await findEngine({ onStep })).toEqual({
    ...{ program: '/cache/release/legwork-engine', origin: 'built' },
  });
  expect(steps).toEqual([
    'downloading crates',
    '1 of about 350 crates compiled',
    '2 of about 350 crates compiled',
  ]);
});

test('of a program that is built already nothing is told', async () => {
  rustIs({ said: ['    Finished `release` profile in 0.4s'], printed: BUILT });
  expect(await findEngine({ onStep })).toMatchObject({ origin: 'fresh' });
  expect(steps).toEqual([]);
});

test('it is built by the lock, in release', async () => {
  rustIs({ said: [], printed: BUILT, asked: ['--release', '--locked', '-p legwork-engine'] });
  expect(await findEngine({ onStep })).toMatchObject({ origin: 'fresh' });
});

test('a build that fails says the end of what cargo has said, and the ways on', async () => {
  rustIs({ said: ['error: could not compile `legwork-engine`'], exitCode: 101 });
  await expect(findEngine({ onStep })).rejects.toThrow(
    /does not build:\n {4}error: could not compile `legwork-engine`[\s\S]*--without-engine/,
  );
});

test('a build that leaves no program is no engine', async () => {
  rustIs({ said: ['Finished'], printed: [artifact('legwork-engine', null)] });
  await expect(findEngine({ onStep })).rejects.toThrow(/does not build/);
});

test('without Rust the start is refused, with the ways on', async () => {
  vi.stubEnv('PATH', folder);
  await expect(findEngine({ onStep })).rejects.toThrow(
    /There is no Rust[\s\S]*rustup[\s\S]*--without-engine/,
  );
});

test('a build that nobody waits for any more is ended', async () => {
  rustIs({ said: ['   Compiling libc v0.2'], lasts: true });
  const asked = new AbortController();
  const found = findEngine({ onStep: () => asked.abort(), signal: asked.signal });
  await expect(found).rejects.toMatchObject({ name: 'AbortError' });
});

interface Rust {
  readonly said: readonly string[];
  readonly printed?: readonly string[];
  readonly exitCode?: number;
  /** It does not end by itself. */
  readonly lasts?: boolean;
  /** It fails unless it is asked like this. */
  readonly asked?: readonly string[];
}

/** A Rust that says what a story wants: the true one compiles for minutes. */
function rustIs({ said, printed = [], exitCode = 0, lasts = false, asked = [] }: Rust): void {
  script('rustc', ['echo rustc 1.92.0']);
  script('cargo', [
    'if [ "$1" = --version ]; then echo cargo 1.92.0; exit 0; fi',
    ...asked.map((words) => `case "$*" in *"${words}"*) ;; *) exit 2 ;; esac`),
    ...said.map((line) => `echo '${line}' >&2`),
    ...printed.map((line) => `printf '%s\\n' '${line}'`),
    lasts ? 'exec sleep 600' : `exit ${exitCode}`,
  ]);
  vi.stubEnv('PATH', `${folder}:${process.env.PATH ?? ''}`);
}

function script(name: string, lines: readonly string[]): string {
  const file = join(folder, name);
  writeFileSync(file, ['#!/bin/sh', ...lines, ''].join('\n'));
  chmodSync(file, 0o755);
  return file;
}
