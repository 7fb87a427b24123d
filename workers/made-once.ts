import { existsSync, linkSync, readFileSync, unlinkSync, writeFileSync } from 'node:fs';

/** What is in the file; made and kept there by whichever process asks first. For its owner only. */
export function madeOnce<T>(path: string, make: () => T): T {
  if (!existsSync(path)) keepFirst(path, make());
  return JSON.parse(readFileSync(path, 'utf8')) as T; // written by ourselves
}

/** A link is made once and whole: of two processes that make keys at once, one wins for both. */
function keepFirst(path: string, made: unknown): void {
  const draft = `${path}.${process.pid}`;
  writeFileSync(draft, JSON.stringify(made, null, 2), { mode: 0o600 });
  try {
    linkSync(draft, path);
  } catch (error) {
    if (!isThereAlready(error)) throw error;
  } finally {
    unlinkSync(draft);
  }
}

const isThereAlready = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === 'EEXIST';
