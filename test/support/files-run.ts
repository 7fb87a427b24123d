import { readdirSync } from 'node:fs';
import { join } from 'node:path';

/** Whether a run has had every test file of a folder. */
export function hasEveryFileOf(folder: string, files: readonly string[]): boolean {
  const here = join(process.cwd(), folder);
  const run = new Set(files);
  return readdirSync(here)
    .filter((name) => name.endsWith('.test.ts'))
    .every((name) => run.has(join(here, name)));
}
