import { patched, workflowInfo } from '@temporalio/workflow';

/** The name of a change, in histories for ever: runs of before grew until Temporal suggested another. */
const SHORT_RUNS = 'short-runs';
/**
 * Whoever takes a workflow over replays its run within one task, which has a second (`client/`): at
 * about 2 ms an event, beside a worker that starts again on the same cores. A run that needs longer is
 * never taken over at all, because each try begins anew. Temporal suggests a new run at 4,096 events.
 */
const EVENTS_MAX = 150;

/** Whether to go on in a new run; asked where nothing is under way. */
export function isRunLong(): boolean {
  return workflowInfo().continueAsNewSuggested || (hasManyEvents() && patched(SHORT_RUNS));
}

/** The same for workflows that are younger than that change, and may ask at any time. */
export function hasManyEvents(): boolean {
  const { continueAsNewSuggested, historyLength } = workflowInfo();
  return continueAsNewSuggested || historyLength > EVENTS_MAX;
}
