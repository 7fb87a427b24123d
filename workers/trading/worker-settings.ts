import type { NativeConnectionOptions } from '@temporalio/worker';
import { HEARTBEAT_EVERY_MS } from '../../activities/index.js';

/** An order takes its deadline and what is written around it; the rest of a drain takes time too. */
const ORDER_GRACE_MS = 8_000;

/** How a trading worker talks to Temporal. Packing what stays on one machine or in one network
 * costs more time than it saves: 0.67 against 0.46 ms for the smallest call. */
export const connectionSettings: Pick<NativeConnectionOptions, 'grpcCompression'> = {
  grpcCompression: { codec: 'none' },
};

/** What both of its workers have in common. */
export const sharedSettings = {
  shutdownGraceTime: ORDER_GRACE_MS,
  // By default a heartbeat is held back for most of its timeout, and a death noticed as late.
  maxHeartbeatThrottleInterval: HEARTBEAT_EVERY_MS,
  defaultHeartbeatThrottleInterval: HEARTBEAT_EVERY_MS,
} as const;

/** The workflows and their ordinary activities: so many of each at once, the rest waits in queues. */
export const procedureSettings = {
  maxCachedWorkflows: 1_000,
  maxConcurrentWorkflowTaskExecutions: 40,
  maxConcurrentActivityTaskExecutions: 100,
  // A worker that dies must not hold up its trades: others take over after this.
  stickyQueueScheduleToStartTimeout: '1s',
} as const;

export const wireSettings = { maxConcurrentActivityTaskExecutions: 20 } as const;
