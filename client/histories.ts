import { type Client, isGrpcServiceError, WorkflowNotFoundError } from '@temporalio/client';
import type { History } from '@temporalio/common/lib/proto-utils.js';

/**
 * Of every run of a workflow, oldest first. Throws where there is none (`isNoWorkflow`); of a long one
 * Temporal may have forgotten the first runs, and then they are missing.
 */
export async function historiesOf(
  temporal: Client,
  workflowId: string,
): Promise<readonly History[]> {
  const runs = [await temporal.workflow.getHandle(workflowId).fetchHistory()];
  for (let before = runBefore(runs[0]); before !== undefined; before = runBefore(runs[0])) {
    const run = await runOf(temporal, workflowId, before);
    if (!run) break;
    runs.unshift(run);
  }
  return runs;
}

/** Fetching a history is answered by the service's own error. */
export function isNoWorkflow(error: unknown): boolean {
  if (error instanceof WorkflowNotFoundError) return true;
  const code: number | undefined = isGrpcServiceError(error) ? error.code : undefined;
  return code === GRPC_NOT_FOUND;
}

/** `google.rpc.Code` */
const GRPC_NOT_FOUND = 5;

async function runOf(
  temporal: Client,
  workflowId: string,
  runId: string,
): Promise<History | undefined> {
  try {
    return await temporal.workflow.getHandle(workflowId, runId).fetchHistory();
  } catch (error) {
    if (isNoWorkflow(error)) return undefined;
    throw error;
  }
}

function runBefore(run: History | undefined): string | undefined {
  const started = run?.events?.[0]?.workflowExecutionStartedEventAttributes;
  return started?.continuedExecutionRunId || undefined; // empty in the first run
}
