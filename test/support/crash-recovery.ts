import type { Client } from '@temporalio/client';

/**
 * When a trade next decided anything after a kill: the end of the first workflow task that began or
 * went on after it, by the server's clock. `undefined`: there was nothing left to decide.
 */
export async function nextDecisionAtMs(
  temporal: Client,
  workflowIds: readonly string[],
  killedAtMs: number,
): Promise<number | undefined> {
  const decisions = await Promise.all(workflowIds.map((id) => decisionsOf(temporal, id)));
  const later = decisions.flat().filter((atMs) => atMs > killedAtMs);
  return later.length === 0 ? undefined : Math.min(...later);
}

async function decisionsOf(temporal: Client, workflowId: string): Promise<readonly number[]> {
  const { events } = await temporal.workflow.getHandle(workflowId).fetchHistory();
  return (events ?? []).flatMap(
    ({ workflowTaskCompletedEventAttributes: isDecision, eventTime }) =>
      isDecision == null ? [] : [millisecondsOf(eventTime)],
  );
}

interface Stamp {
  readonly seconds?: unknown;
  readonly nanos?: number | null;
}

function millisecondsOf(stamp: Stamp | null | undefined): number {
  return Number(stamp?.seconds ?? 0) * 1_000 + (stamp?.nanos ?? 0) / 1_000_000;
}
