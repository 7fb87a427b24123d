import { type Client, WorkflowNotFoundError } from '@temporalio/client';

/** Asked at once; a sweep is not to take Temporal's whole attention. */
const ASKED_AT_ONCE = 10;

/**
 * Which of these workflows do not run. What cannot be found does not run either: Temporal forgets
 * only what has ended. Throws when Temporal does not answer, because silence is not death.
 */
export async function deadAmong(
  temporal: Client,
  workflowIds: readonly string[],
): Promise<ReadonlySet<string>> {
  const unique = [...new Set(workflowIds)];
  const dead: string[] = [];
  for (let from = 0; from < unique.length; from += ASKED_AT_ONCE) {
    const page = unique.slice(from, from + ASKED_AT_ONCE);
    const runs = await Promise.all(page.map((workflowId) => isRunning(temporal, workflowId)));
    dead.push(...page.filter((_, index) => runs[index] === false));
  }
  return new Set(dead);
}

async function isRunning(temporal: Client, workflowId: string): Promise<boolean> {
  try {
    const { status } = await temporal.workflow.getHandle(workflowId).describe();
    return status.name === 'RUNNING' || status.name === 'CONTINUED_AS_NEW';
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return false;
    throw error;
  }
}
