import { mkdtempSync, readdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { tryLock, withLock } from '../../stack/index.js';

const newFolder = (): string => mkdtempSync(join(tmpdir(), 'legwork-lock-'));

test('a lock that a living process holds is busy, and names it', () => {
  const path = join(newFolder(), 'lock');
  const first = tryLock(path);
  expect(first.kind).toBe('held');
  expect(tryLock(path)).toMatchObject({ kind: 'busy', holder: { pid: process.pid } });
});

test('a released lock leaves no file behind', () => {
  const folder = newFolder();
  const attempt = tryLock(join(folder, 'lock'));
  if (attempt.kind === 'held') attempt.release();
  expect(readdirSync(folder)).toEqual([]);
});

test('what a dead process left behind is taken over, also when its pid lives again', () => {
  const path = join(newFolder(), 'lock');
  writeFileSync(path, JSON.stringify({ pid: process.pid, startedAt: 'before the flood' }));
  expect(tryLock(path).kind).toBe('held');
});

test('two pieces of work under one lock never overlap, and the second runs after a failure', async () => {
  const path = join(newFolder(), 'lock');
  const story: string[] = [];
  const work = (name: string) => async () => {
    story.push(`${name} begins`);
    await new Promise((resolve) => setImmediate(resolve));
    story.push(`${name} ends`);
    if (name === 'first') throw new Error('first fails');
  };
  await Promise.allSettled([withLock(path, work('first')), withLock(path, work('second'))]);
  expect(story).toEqual(['first begins', 'first ends', 'second begins', 'second ends']);
});
