import { proxyActivities, proxyLocalActivities } from '@temporalio/workflow';
import type { LadderActivities } from './ladder-activities.js';

/** The fire queue of the ladder; the arbitrage fires from a queue of its own as well. */
const FIRE_QUEUE = 'ladder/fire';

const remote = proxyActivities<LadderActivities>({
  taskQueue: FIRE_QUEUE,
  scheduleToStartTimeout: '30s',
  startToCloseTimeout: '30s',
  retry: { maximumAttempts: 1 },
  allowEagerDispatch: false,
});
const local = proxyLocalActivities<LadderActivities>({ startToCloseTimeout: '30s' });

/** Does nothing: what a workflow costs by itself. */
export async function bare(): Promise<void> {
  return Promise.resolve();
}

/** One activity on another queue: what any durable step beyond the process costs. The floor. */
export async function oneActivity(): Promise<void> {
  await remote.empty();
}

export async function localActivity(): Promise<void> {
  await local.empty();
}
