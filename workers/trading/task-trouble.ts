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

/** The third attempt, or failure, is no killed worker's any more: each of them costs an attempt. */
const ATTEMPTS_WELL = 2;
/** A machine that is too busy to answer in time comes round within this, or nobody works on it. */
const UNANSWERED_MS_MAX = 15_000;

/** What is wrong with a workflow's task. A workflow that waits has none, and is well. */
export interface TaskTrouble {
  readonly attempt: number;
  readonly what: string;
  /** What the worker said when a task failed last; later attempts of it are not written down. */
  readonly failure?: string;
}

/**
 * What the history tells of attempts since a task was last answered: of each task only the first is
 * written down, and news that comes meanwhile makes another task of it, which begins to count anew.
 */
export interface Unanswered {
  /** How the last of them went; absent: none is told. */
  readonly last?: 'failed' | 'timed_out';
  readonly failures: number;
  /** What the worker said at the last failure. */
  readonly failure?: string;
}

type Described = Pick<WorkflowExecutionDescription, 'raw'>;

/** Only then does its history say anything about the task. */
export const hasTask = ({ raw }: Described): boolean => Boolean(raw.pendingWorkflowTask);

/** Of the events that came last, latest first. */
export function unansweredOf(latest: readonly HistoryEvent[]): Unanswered {
  const answered = latest.findIndex((event) => event.workflowTaskCompletedEventAttributes);
  const since = answered === -1 ? latest : latest.slice(0, answered);
  const failed = since.flatMap((event) => event.workflowTaskFailedEventAttributes ?? []);
  const last = since.find(isOfAttempt);
  const failure = failed[0]?.failure?.message;
  return {
    ...(last && { last: last.workflowTaskTimedOutEventAttributes ? 'timed_out' : 'failed' }),
    failures: failed.length,
    ...(failure && { failure }),
  };
}

const isOfAttempt = (event: HistoryEvent): boolean =>
  Boolean(event.workflowTaskTimedOutEventAttributes ?? event.workflowTaskFailedEventAttributes);

/**
 * Why a workflow cannot go on, from Temporal's own words about it; `undefined` while it can. A task
 * that fails is in trouble at its third attempt, or at the third task that failed. One that only runs
 * out of time is a busy machine's, until it has gone without an answer for too long.
 */
export function taskTrouble(
  { raw }: Described,
  { unanswered, nowMs }: { readonly unanswered?: Unanswered | undefined; readonly nowMs: number },
): TaskTrouble | undefined {
  const { pendingWorkflowTask: task } = raw;
  if (!task) return undefined;
  const attempt = task.attempt ?? 1;
  const { last, failures = 0, failure } = unanswered ?? {};
  const said = failure === undefined ? {} : { failure };
  if (attempt > ATTEMPTS_WELL && last === 'failed') {
    return { attempt, what: `its task is at attempt ${attempt}`, ...said };
  }
  if (failures > ATTEMPTS_WELL) {
    return { attempt, what: `${failures} tasks have failed since one was answered`, ...said };
  }
  const isBegun = attempt > 1 || task.startedTime;
  const sinceMs = optionalTsToMs(task.originalScheduledTime ?? task.startedTime);
  const unansweredMs = isBegun && sinceMs !== undefined ? nowMs - sinceMs : 0;
  if (unansweredMs <= UNANSWERED_MS_MAX) return undefined;
  return { attempt, what: `its task was begun ${unansweredMs} ms ago and not answered` };
}
