import type { WorkflowExecutionDescription } from '@temporalio/client';
import { optionalTsToMs } from '@temporalio/common/lib/time.js';

/** What is looked at of an event of a history. */
interface HistoryEvent {
  readonly workflowTaskCompletedEventAttributes?: object | null;
  readonly workflowTaskTimedOutEventAttributes?: object | null;
  readonly workflowTaskFailedEventAttributes?: {
    readonly failure?: { readonly message?: string | null } | null;
  } | null;
}

/** From the third attempt on it is no killed worker any more: each of them costs an attempt. */
const ATTEMPTS_WELL = 2;
/** A machine that is too busy to answer in time comes round within this, or nobody works on it. */
const UNANSWERED_MS_MAX = 15_000;

/** What is wrong with a workflow's task. A workflow that waits has none, and is well. */
export interface TaskTrouble {
  readonly attempt: number;
  readonly what: string;
  /** What the worker said when the task failed first; later attempts are not written down. */
  readonly failure?: string;
}

/** How the first attempt of the task went that is tried again. */
export type FirstAttempt =
  | { readonly kind: 'failed'; readonly message?: string }
  | { readonly kind: 'timed_out' };

type Described = Pick<WorkflowExecutionDescription, 'raw'>;

/** Only then does its history say anything about the task. */
export function isTriedAgain({ raw }: Described): boolean {
  return (raw.pendingWorkflowTask?.attempt ?? 1) > ATTEMPTS_WELL;
}

/** Of the events that came last, latest first; `undefined` where they tell of no such attempt. */
export function firstAttemptOf(latest: readonly HistoryEvent[]): FirstAttempt | undefined {
  for (const event of latest) {
    if (event.workflowTaskCompletedEventAttributes) return undefined;
    if (event.workflowTaskTimedOutEventAttributes) return { kind: 'timed_out' };
    const failed = event.workflowTaskFailedEventAttributes;
    if (!failed) continue;
    const message = failed.failure?.message;
    return { kind: 'failed', ...(message && { message }) };
  }
  return undefined;
}

/**
 * Why a workflow cannot go on, from Temporal's own words about it; `undefined` while it can. A task
 * that fails is in trouble at its third attempt. One that only runs out of time is a busy machine's,
 * until it has gone without an answer for too long.
 */
export function taskTrouble(
  { raw }: Described,
  { first, nowMs }: { readonly first?: FirstAttempt | undefined; readonly nowMs: number },
): TaskTrouble | undefined {
  const { pendingWorkflowTask: task } = raw;
  if (!task) return undefined;
  const attempt = task.attempt ?? 1;
  if (attempt > ATTEMPTS_WELL && first?.kind === 'failed') {
    const failure = first.message === undefined ? {} : { failure: first.message };
    return { attempt, what: `its task is at attempt ${attempt}`, ...failure };
  }
  const isBegun = attempt > 1 || task.startedTime;
  const sinceMs = optionalTsToMs(task.originalScheduledTime ?? task.startedTime);
  const unansweredMs = isBegun && sinceMs !== undefined ? nowMs - sinceMs : 0;
  if (unansweredMs <= UNANSWERED_MS_MAX) return undefined;
  return { attempt, what: `its task was begun ${unansweredMs} ms ago and not answered` };
}
