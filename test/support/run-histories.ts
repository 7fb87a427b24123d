import type { Client } from '@temporalio/client';
import type { History } from '@temporalio/common/lib/proto-utils.js';
import { historiesOf } from '../../client/histories.js';

export type HistoryEvent = NonNullable<History['events']>[number];

/** The events of every run of a workflow that goes on in new ones, oldest run first. */
export async function runsOf(
  temporal: Client,
  workflowId: string,
): Promise<readonly (readonly HistoryEvent[])[]> {
  return (await historiesOf(temporal, workflowId)).map(({ events }) => events ?? []);
}
