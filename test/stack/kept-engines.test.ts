import { spawn, spawnSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { KeptEngines } from '../../stack/kept-engines.js';

let folder: string;
let engines: KeptEngines;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'legwork-kept-'));
  engines = new KeptEngines(folder);
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const digest = (number: number): string => String(number).padStart(64, '0');

/** Built so many hours ago. */
function keep(number: number, hoursAgo: number): string {
  const built = join(folder, 'built');
  writeFileSync(built, `program ${number}`);
  const program = engines.keep(digest(number), built);
  const at = new Date(Date.now() - hoursAgo * 3_600_000);
  utimesSync(program, at, at);
  return program;
}

const kept = (): string[] =>
  readdirSync(folder)
    .filter((name) => name.startsWith('legwork-engine-'))
    .toSorted();
const named = (...numbers: readonly number[]): string[] =>
  numbers.map((number) => `legwork-engine-${digest(number)}`);

test('the newest five are kept, and one that was used today is new', () => {
  for (const number of [1, 2, 3, 4, 5]) keep(number, 10 - number);
  expect(engines.find(digest(1))).toBe(join(folder, ...named(1)));
  keep(6, 0);
  expect(kept()).toEqual(named(1, 3, 4, 5, 6));
  expect(engines.find(digest(2))).toBeUndefined();
});

test('a program that runs is not removed: its desk starts it again from there', async () => {
  const running = join(folder, ...named(1));
  copyFileSync('/bin/sleep', running);
  const at = new Date(0);
  utimesSync(running, at, at);
  const child = spawn(running, ['600']);
  try {
    for (const number of [2, 3, 4, 5, 6, 7]) keep(number, 10 - number);
    expect(kept()).toEqual(named(1, 3, 4, 5, 6, 7));
  } finally {
    child.kill('SIGKILL');
  }
});

test('what a killed process has left of a copy goes, and a copy that is under way stays', () => {
  const draftOf = (pid: number, hoursAgo = 0): string => {
    const draft = `${named(8)[0] ?? ''}.${pid}`;
    const path = join(folder, draft);
    writeFileSync(path, 'half');
    const at = new Date(Date.now() - hoursAgo * 3_600_000);
    utimesSync(path, at, at);
    return draft;
  };
  const { pid } = spawnSync('true');
  draftOf(pid);
  const underWay = draftOf(process.ppid);
  draftOf(1, 2); // of a number that another process has since
  keep(1, 0);
  expect(kept()).toEqual([...named(1), underWay].toSorted());
});

test('what is no engine of ours is left alone, and nothing half is left', () => {
  writeFileSync(join(folder, 'legwork-engine-notes'), 'mine');
  for (const number of [1, 2, 3, 4, 5, 6]) keep(number, 10 - number);
  expect(kept()).toEqual([...named(2, 3, 4, 5, 6), 'legwork-engine-notes']);
  expect(() => engines.keep(digest(7), join(folder, 'nothing'))).toThrow(/ENOENT/);
  expect(kept()).not.toContain(named(7)[0]);
});
