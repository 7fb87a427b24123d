import { fileURLToPath } from 'node:url';
import {
  bundleWorkflowCode,
  DefaultLogger,
  NativeConnection,
  Runtime,
  Worker,
} from '@temporalio/worker';
import {
  connectionSettings,
  procedureSettings,
  sharedSettings,
  wireSettings,
} from '../../workers/trading/worker-settings.js';
import { ladderActivities } from './ladder-activities.js';
import { givenConfig, type LadderConfig, tellBench } from './messages.js';

const logger = new DefaultLogger('ERROR');
Runtime.install({ logger, shutdownSignals: [] });
const { address, namespace } = givenConfig() as LadderConfig; // the benchmark wrote it

// A worker like the one that trades, in everything but what its workflows do.
const connection = await NativeConnection.connect({ ...connectionSettings, address });
const shared = { ...sharedSettings, connection, namespace, activities: { ...ladderActivities } };
const workflowsPath = fileURLToPath(new URL('ladder-workflows.ts', import.meta.url));
const procedures = await Worker.create({
  ...shared,
  ...procedureSettings,
  taskQueue: 'ladder/trading',
  workflowBundle: await bundleWorkflowCode({ workflowsPath, logger }),
});
const firing = await Worker.create({ ...shared, ...wireSettings, taskQueue: 'ladder/fire' });
const running = [procedures, firing].map((worker) => worker.run());

process.on('disconnect', () => {
  for (const worker of [procedures, firing]) worker.shutdown();
  void Promise.allSettled(running).then(() => process.exit(0));
});
tellBench({ kind: 'ready', info: {} });
