import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { stopStack } from '../../stack/index.js';

declare module 'vitest' {
  export interface ProvidedContext {
    /** The folder of this run: the stack's data, the workflow bundle. Removed afterwards. */
    runFolder: string;
    /** How many workflows a worker keeps between their tasks. */
    cachedWorkflowsMax: number;
  }
}

/** One folder per run; what a test starts lazily inside it is stopped here. */
export default async function globalSetup(project: TestProject): Promise<() => Promise<void>> {
  const runFolder = await mkdtemp(join(tmpdir(), 'legwork-test-'));
  await chmod(runFolder, 0o711); // Postgres may run as another account than we do.
  project.provide('runFolder', runFolder);
  return async () => {
    await stopStack(join(runFolder, 'stack'));
    await rm(runFolder, { recursive: true, force: true });
  };
}
