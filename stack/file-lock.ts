import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { identityOf, isAlive, type ProcessIdentity } from './process-identity.js';

export type LockAttempt =
  | { readonly kind: 'held'; readonly release: () => void }
  | { readonly kind: 'busy'; readonly holder: ProcessIdentity };

/** Takes the lock file unless a living process has it. What a dead one left behind is taken over. */
export function tryLock(path: string): LockAttempt {
  const mine = { pid: process.pid, startedAt: identityOf(process.pid)?.startedAt ?? '' };
  const draft = `${path}.${process.pid}`;
  writeFileSync(draft, JSON.stringify(mine));
  try {
    // A link appears with its content or not at all, so nobody ever reads half a lock.
    for (;;) {
      if (hasLinked(draft, path))
        return { kind: 'held', release: () => rmSync(path, { force: true }) };
      const holder = holderOf(path);
      if (holder !== undefined && isAlive(holder)) return { kind: 'busy', holder };
      setAside(path, `${draft}.stale`);
    }
  } finally {
    rmSync(draft, { force: true });
  }
}

/** Runs `work` while nobody else holds the lock, waiting for as long as its holder lives. */
export async function withLock<T>(path: string, work: () => Promise<T>): Promise<T> {
  for (;;) {
    const attempt = tryLock(path);
    if (attempt.kind === 'busy') {
      await delay(100);
      continue;
    }
    try {
      return await work();
    } finally {
      attempt.release();
    }
  }
}

function hasLinked(draft: string, path: string): boolean {
  try {
    linkSync(draft, path);
    return true;
  } catch (error) {
    if (isErrno(error, 'EEXIST')) return false;
    throw error;
  }
}

function holderOf(path: string): ProcessIdentity | undefined {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as ProcessIdentity; // written by tryLock only
  } catch {
    return undefined; // Released meanwhile, or not ours: the next round finds out.
  }
}

/** Renames before it removes: of two that find the same dead holder only one moves the file. */
function setAside(path: string, aside: string): void {
  try {
    renameSync(path, aside);
  } catch (error) {
    if (isErrno(error, 'ENOENT')) return;
    throw error;
  }
  const moved = holderOf(aside);
  // Somebody took it between our look and our move: give it back.
  if (moved !== undefined && isAlive(moved)) renameSync(aside, path);
  else rmSync(aside, { force: true });
}

function isErrno(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
