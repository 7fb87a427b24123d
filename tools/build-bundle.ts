import { existsSync } from 'node:fs';
import { readdir, rename, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker';
import { bundleProgram } from './bundle-program.js';

// What starts quickly because it is one file: the workflow bundle, built once by the very version of
// the worker that runs it, and each process of a desk. This file runs compiled, from dist/tools.
const dist = fileURLToPath(new URL('..', import.meta.url));
const workflowsPath = join(dist, 'workflows', 'index.js');
const bundlePath = join(dist, 'workflow-bundle.js');
const bundledRooms = ['workflows', 'domain'];
/** The processes that a supervisor starts. */
const programs = ['simulator', 'trading', 'scanner'];

if (existsSync(workflowsPath) && !(await isFresh())) {
  const { code } = await bundleWorkflowCode({
    workflowsPath,
    // Loaded once for all workflows: the trade is pure, and one more of it for every cached run
    // would be more than half of what a run takes.
    preloadModules: [join(dist, 'domain', 'index.js')],
    logger: new DefaultLogger('WARN'),
  });
  await writeFile(`${bundlePath}.new`, code);
  await rename(`${bundlePath}.new`, bundlePath);
}

for (const name of programs) {
  await bundleProgram(join(dist, 'workers', `${name}.js`), join(dist, 'programs', `${name}.js`));
}

/** Newer than every file it was made of, so that a second start does not pay for it again. */
async function isFresh(): Promise<boolean> {
  if (!existsSync(bundlePath)) return false;
  const builtAtMs = (await stat(bundlePath)).mtimeMs;
  const changes = await Promise.all([
    changedAtMs(join(dist, '..', 'package-lock.json')),
    ...bundledRooms.map(async (room) => newestMs(join(dist, room))),
  ]);
  return changes.every((changedAt) => changedAt < builtAtMs);
}

async function newestMs(folder: string): Promise<number> {
  const entries = await readdir(folder, { recursive: true });
  const times = await Promise.all(entries.map(async (entry) => changedAtMs(join(folder, entry))));
  return Math.max(0, ...times);
}

async function changedAtMs(path: string): Promise<number> {
  return existsSync(path) ? (await stat(path)).mtimeMs : 0;
}
