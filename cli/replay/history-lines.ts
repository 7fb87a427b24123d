import type { History } from '@temporalio/common/lib/proto-utils.js';
import type { StoryLine } from '../trade-story.js';
import { payloadsOf, shortValue } from './payloads.js';

type HistoryEvent = NonNullable<History['events']>[number];
type Failure = NonNullable<
  NonNullable<HistoryEvent['workflowTaskFailedEventAttributes']>['failure']
>;

/** A decision or a piece of news of a workflow, with the number of the event that holds it. */
export interface HistoryLine extends StoryLine {
  readonly eventId: number;
}

/**
 * What a history says was decided and learned, oldest first, in the desk's words. Tasks, which only
 * carry the others, are left out.
 */
export function historyLines(events: readonly HistoryEvent[]): readonly HistoryLine[] {
  const activities = new Map<string, string>();
  return events.flatMap((event) => {
    const told = lineOf(event, activities);
    return told ? [{ eventId: Number(event.eventId), atMs: atMsOf(event), ...told }] : [];
  });
}

type Told = Pick<StoryLine, 'event' | 'text'>;

function lineOf(event: HistoryEvent, activities: Map<string, string>): Told | undefined {
  return ofWorkflow(event) ?? ofActivity(event, activities) ?? ofNews(event);
}

function ofWorkflow(event: HistoryEvent): Told | undefined {
  const { workflowExecutionStartedEventAttributes: started } = event;
  if (started) {
    const type = started.workflowType?.name ?? '';
    return { event: 'started', text: `${type} ${shortValue(payloadsOf(started.input))}` };
  }
  const { workflowExecutionCompletedEventAttributes: completed } = event;
  if (completed) return { event: 'completed', text: shortValue(payloadsOf(completed.result)) };
  const { workflowExecutionFailedEventAttributes: failed } = event;
  if (failed) return { event: 'failed', text: failureText(failed.failure) };
  if (event.workflowExecutionCanceledEventAttributes) return { event: 'canceled', text: 'ended' };
  const { workflowExecutionTerminatedEventAttributes: terminated } = event;
  if (terminated) return { event: 'terminated', text: terminated.reason ?? '' };
  if (event.workflowExecutionContinuedAsNewEventAttributes) {
    return { event: 'continued', text: 'in a new run, with all that it knew' };
  }
  return undefined;
}

function ofActivity(event: HistoryEvent, activities: Map<string, string>): Told | undefined {
  const {
    activityTaskScheduledEventAttributes: scheduled,
    activityTaskCompletedEventAttributes: completed,
    activityTaskFailedEventAttributes: failed,
    activityTaskTimedOutEventAttributes: timedOut,
    markerRecordedEventAttributes: marker,
  } = event;
  if (scheduled) {
    const name = scheduled.activityType?.name ?? '';
    activities.set(String(event.eventId), name);
    return { event: 'asked for', text: name };
  }
  const nameOf = (id: unknown): string => activities.get(String(id)) ?? '?';
  if (completed) {
    const said = shortValue(payloadsOf(completed.result));
    return { event: 'answered', text: `${nameOf(completed.scheduledEventId)}: ${said}` };
  }
  const broken = failed ?? timedOut;
  if (broken) {
    const text = `${nameOf(broken.scheduledEventId)}: ${failureText(broken.failure)}`;
    return { event: failed ? 'failed' : 'timed out', text };
  }
  if (marker?.markerName !== 'core_local_activity') return undefined;
  const [data] = payloadsOf(marker.details?.data);
  const said = shortValue(payloadsOf(marker.details?.result));
  return { event: 'answered', text: `${activityTypeOf(data)}: ${said}` };
}

function ofNews(event: HistoryEvent): Told | undefined {
  const {
    workflowExecutionSignaledEventAttributes: signal,
    timerStartedEventAttributes: timer,
    timerFiredEventAttributes: fired,
    workflowExecutionUpdateCompletedEventAttributes: update,
    workflowTaskFailedEventAttributes: task,
  } = event;
  if (signal) {
    const text = `${signal.signalName ?? ''} ${shortValue(payloadsOf(signal.input))}`;
    return { event: 'told', text };
  }
  if (timer) {
    const { seconds, nanos } = timer.startToFireTimeout ?? {};
    const waitMs = Number(seconds ?? 0) * 1_000 + (nanos ?? 0) / 1e6;
    return { event: 'waits', text: `${String(Math.round(waitMs))} ms at most` };
  }
  if (fired) return { event: 'woke', text: 'the time was over' };
  if (update) {
    const said = shortValue(payloadsOf(update.outcome?.success));
    return { event: 'verdict', text: `${update.meta?.updateId ?? ''}: ${said}` };
  }
  if (task) return { event: 'task failed', text: failureText(task.failure) };
  if (event.workflowExecutionCancelRequestedEventAttributes) {
    return { event: 'told', text: 'to cancel' };
  }
  return undefined;
}

const failureText = (failure: Failure | null | undefined): string =>
  failure?.message ?? 'no reason';

function activityTypeOf(data: unknown): string {
  const isNamed = typeof data === 'object' && data !== null && 'activity_type' in data;
  return isNamed ? String(data.activity_type) : '?';
}

function atMsOf({ eventTime }: HistoryEvent): number {
  return Number(eventTime?.seconds ?? 0) * 1_000 + Math.floor((eventTime?.nanos ?? 0) / 1e6);
}
