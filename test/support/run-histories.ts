import type { Client } from '@temporalio/client';

type History = Awaited<ReturnType<ReturnType<Client['workflow']['getHandle']>['fetchHistory']>>;
export type HistoryEvent = NonNullable<History['events']>[number];

/** The events of every run of a workflow that goes on in new ones, oldest run first. */
export async function runsOf(
  temporal: Client,
  workflowId: string,
): Promise<readonly (readonly HistoryEvent[])[]> {
  const runs: (readonly HistoryEvent[])[] = [];
  let runId: string | undefined;
  do {
    const { events } = await temporal.workflow.getHandle(workflowId, runId).fetchHistory();
    runs.unshift(events ?? []);
    const started = events?.[0]?.workflowExecutionStartedEventAttributes;
    runId = started?.continuedExecutionRunId || undefined; // empty in the first
  } while (runId !== undefined);
  return runs;
}
