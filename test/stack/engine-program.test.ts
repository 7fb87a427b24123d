import {
  chmodSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
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
/** What a build leaves: a program that says what it was built from. */
function built(from = 'these sources'): readonly string[] {
  return [artifact('tokio', null), artifact('legwork-engine', script('built', [`echo ${from}`]))];
}
const search = () => ({ onStep, keptIn: folder });
const programs = (): string[] =>
  readdirSync(folder).filter((name) => name.startsWith('legwork-engine-'));

test('a program that is named is the engine, and nothing is built', async () => {
  const named = script('engine', ['exit 0']);
  rustIs({ said: [], exitCode: 1 });
  expect(await findEngine({ ...search(), named })).toEqual({ program: named, origin: 'named' });
});

test('what is named and cannot be started is refused, with what to do', async () => {
  for (const named of [join(folder, 'nothing'), folder]) {
    await expect(findEngine({ ...search(), named })).rejects.toThrow(
      /LEGWORK_ENGINE names .*, which is no program[\s\S]*unset LEGWORK_ENGINE/,
    );
  }
});

test('a first build tells how far it is, and where the program lies', async () => {
  const said = ['    Updating index', ' Downloading crates ...', '   Compiling libc v0.2'];
  rustIs({ said: [...said, '   Compiling tokio v1', '    Finished `release`'], printed: built() });
  const { program, origin } = await findEngine(search());
  expect(origin).toBe('built');
  expect(programs()).toEqual([basename(program)]);
  expect(readFileSync(program)).toEqual(readFileSync(join(folder, 'built')));
  expect(statSync(program).mode & 0o777).toBe(0o755);
  expect(steps).toEqual([
    'downloading crates',
    '1 of about 350 crates compiled',
    '2 of about 350 crates compiled',
  ]);
});

test('of a program that is built already nothing is told', async () => {
  rustIs({ said: ['    Finished `release` profile in 0.4s'], printed: built() });
  expect(await findEngine(search())).toMatchObject({ origin: 'fresh' });
  expect(steps).toEqual([]);
});

test('what is kept of these sources is started without cargo', async () => {
  rustIs({ said: ['   Compiling tokio v1'], printed: built() });
  const first = await findEngine(search());
  rustIs({ said: ['error: nobody may ask'], exitCode: 101 });
  expect(await findEngine(search())).toEqual({ ...first, origin: 'fresh' });
});

test('where the cache cannot be written, what cargo has built is started, and it is said', async () => {
  rustIs({ said: ['   Compiling tokio v1'], printed: built() });
  const keptIn = join(folder, 'no-folder');
  writeFileSync(keptIn, 'a file, which refuses root as well');
  const { program, origin } = await findEngine({ ...search(), keptIn });
  expect({ program, origin }).toEqual({ program: join(folder, 'built'), origin: 'built' });
  expect(steps.at(-1)).toMatch(/^not kept for the next start: ENOTDIR/);
});

test('another compiler builds another program', async () => {
  rustIs({ said: [], printed: built() });
  const first = await findEngine(search());
  rustIs({ said: [], printed: built('another'), compiler: 'rustc 1.93.0' });
  const second = await findEngine(search());
  expect(second.program).not.toBe(first.program);
  expect(programs()).toHaveLength(2);
});

test('it is built by the lock, in release', async () => {
  rustIs({ said: [], printed: built(), asked: ['--release', '--locked', '-p legwork-engine'] });
  expect(await findEngine(search())).toMatchObject({ origin: 'fresh' });
});

test('a build that fails says the end of what cargo has said, and the ways on', async () => {
  rustIs({ said: ['error: could not compile `legwork-engine`'], exitCode: 101 });
  await expect(findEngine(search())).rejects.toThrow(
    /does not build:\n {4}error: could not compile `legwork-engine`[\s\S]*--without-engine/,
  );
});

test('a build that leaves no program is no engine', async () => {
  rustIs({ said: ['Finished'], printed: [artifact('legwork-engine', null)] });
  await expect(findEngine(search())).rejects.toThrow(/does not build/);
});

test('without Rust the start is refused, with the ways on', async () => {
  vi.stubEnv('PATH', folder);
  await expect(findEngine(search())).rejects.toThrow(
    /There is no Rust[\s\S]*rustup[\s\S]*--without-engine/,
  );
});

test('a build that nobody waits for any more is ended', async () => {
  rustIs({ said: ['   Compiling libc v0.2'], lasts: true });
  const asked = new AbortController();
  const found = findEngine({
    ...{ ...search(), onStep: () => asked.abort(), signal: asked.signal },
  });
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
  readonly compiler?: string;
}

/** A Rust that says what a story wants: the true one compiles for minutes. */
function rustIs({ said, printed = [], exitCode = 0, lasts = false, ...rust }: Rust): void {
  const { asked = [], compiler = 'rustc 1.92.0' } = rust;
  script('rustc', [`echo ${compiler}`]);
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
