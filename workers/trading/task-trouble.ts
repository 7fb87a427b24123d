import type { WorkflowExecutionDescription } from '@temporalio/client';
import { optionalTsToMs } from '@temporalio/common/lib/time.js';

/** From the third attempt on it is no killed worker any more: each of them costs an attempt. */
const ATTEMPTS_WELL = 2;
/** A task has a second; one that nobody has answered for so long is not worked on. */
const ANSWER_MS_MAX = 3_000;

/** What is wrong with a workflow's task. A workflow that waits has none, and is well. */
export interface TaskTrouble {
  readonly attempt: number;
  readonly what: string;
}

/** Why a workflow cannot go on, from Temporal's own words about it; `undefined` while it can. */
export function taskTrouble(
  { raw }: Pick<WorkflowExecutionDescription, 'raw'>,
  nowMs: number,
): TaskTrouble | undefined {
  const { pendingWorkflowTask: task } = raw;
  if (!task) return undefined;
  const attempt = task.attempt ?? 1;
  if (attempt > ATTEMPTS_WELL) return { attempt, what: `its task is at attempt ${attempt}` };
  const startedAtMs = optionalTsToMs(task.startedTime);
  const unansweredMs = startedAtMs === undefined ? 0 : nowMs - startedAtMs;
  if (unansweredMs <= ANSWER_MS_MAX) return undefined;
  return { attempt, what: `its task was begun ${unansweredMs} ms ago and not answered` };
}
