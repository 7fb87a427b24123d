import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { bundleWorkflowCode, type WorkflowBundleOption } from '@temporalio/worker';
import type { Logger } from 'pino';
import { packageRoot } from '../stack/index.js';

/** The bundle of `npm run build`; from sources (development) it is made now, which takes seconds. */
export async function workflowBundle(log: Logger): Promise<WorkflowBundleOption> {
  const codePath = join(packageRoot(), 'dist', 'workflow-bundle.js');
  if (existsSync(codePath)) return { codePath };
  log.warn({ codePath }, 'no built workflow bundle; making one (npm run build keeps it)');
  return bundleWorkflowCode({
    workflowsPath: join(packageRoot(), 'workflows', 'index.ts'),
    preloadModules: [join(packageRoot(), 'domain', 'index.ts')], // as tools/build-bundle.ts has it
  });
}
