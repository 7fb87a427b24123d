import { Context } from '@temporalio/activity';

/** How often an activity says that its worker lives; a worker must not hold these back for longer. */
export const HEARTBEAT_EVERY_MS = 100;

/**
 * Runs the work of an activity while a timer heartbeats for it, so that a lost worker is noticed
 * within the heartbeat timeout and not only when the answer is overdue. Cancellation is not
 * listened to: what is on the wire cannot be un-asked.
 */
export async function heartbeating<T>(work: () => Promise<T>): Promise<T> {
  const context = Context.current();
  const timer = setInterval(() => {
    context.heartbeat();
  }, HEARTBEAT_EVERY_MS);
  try {
    return await work();
  } finally {
    clearInterval(timer);
  }
}
