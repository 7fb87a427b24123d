import type { House } from './house.js';
import { eventKinds, type Milestones, milestonesOf } from './milestones.js';

/** What the server tells of a workflow that has ended. */
export interface WorkflowFigures {
  readonly milestones: Milestones;
  readonly events: number;
  readonly kinds: Readonly<Record<string, number>>;
  readonly transitions: number;
}

export async function workflowFigures(
  { temporal }: House,
  workflowId: string,
): Promise<WorkflowFigures> {
  const handle = temporal.workflow.getHandle(workflowId);
  const [history, transitions] = await Promise.all([
    handle.fetchHistory(),
    transitionsOf(temporal, workflowId),
  ]);
  return {
    milestones: milestonesOf(history),
    events: history.events?.length ?? 0,
    kinds: eventKinds(history),
    transitions,
  };
}

/** The server's own count of what it did for a workflow: comparable across designs. */
export async function transitionsOf(
  temporal: House['temporal'],
  workflowId: string,
): Promise<number> {
  const { raw } = await temporal.workflow.getHandle(workflowId).describe();
  return Number(raw.workflowExecutionInfo?.stateTransitionCount ?? 0);
}
