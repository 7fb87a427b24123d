import { chmodSync, mkdirSync, mkdtempSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { clusterFolder, ensureFolder, homeFolder, isOpenToAll } from '../../stack/folders.js';

function newFolder(mode: number): string {
  const folder = mkdtempSync(join(tmpdir(), 'legwork-folders-'));
  chmodSync(folder, mode);
  return folder;
}

test('a folder below a private one is not open to all', () => {
  const folder = join(newFolder(0o700), 'data');
  mkdirSync(folder, { mode: 0o755 });
  expect(isOpenToAll(folder)).toBe(false);
  expect(isOpenToAll(newFolder(0o711))).toBe(true);
});

test('as root the cluster of a private data folder lies where Postgres’ user can reach it', () => {
  const open = newFolder(0o711);
  const shut = newFolder(0o700);
  expect(clusterFolder(open, 'root')).toBe(join(open, 'postgres'));
  expect(clusterFolder(shut, 'root').startsWith(homeFolder())).toBe(true);
  expect(clusterFolder(shut, 'root')).toBe(clusterFolder(shut, 'root'));
  expect(clusterFolder(shut, 'root')).not.toBe(clusterFolder(newFolder(0o700), 'root'));
});

test('as anybody else Postgres runs as they do, and the cluster lies in the data folder', () => {
  const shut = newFolder(0o700);
  expect(clusterFolder(shut, 'user')).toBe(join(shut, 'postgres'));
});

test('a new folder lets others through whatever the umask says', () => {
  const before = process.umask(0o077);
  try {
    const folder = ensureFolder(join(newFolder(0o711), 'a', 'b'));
    expect(statSync(folder).mode & 0o777).toBe(0o711);
  } finally {
    process.umask(before);
  }
});

test('a folder that the system does not let us make is said by its name, with what to do', () => {
  const file = join(newFolder(0o711), 'a-file');
  writeFileSync(file, 'which refuses root as well');
  expect(() => ensureFolder(join(file, 'cache'))).toThrow(
    /^\/.*\/a-file\/cache cannot be made: ENOTDIR[\s\S]*Let this user write in .*\/a-file/,
  );
});
