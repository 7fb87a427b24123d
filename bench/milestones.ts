import type { History } from '@temporalio/common/lib/proto-utils.js';

type Event = NonNullable<NonNullable<History['events']>[number]>;
type Attributes = keyof Event;

/**
 * Unix milliseconds at which the server wrote down the steps of a workflow, in their order; those of
 * an activity are of the first one: both legs are fired by it.
 */
export interface Milestones {
  readonly started: number;
  readonly firstTask: number;
  readonly firstDecision: number;
  readonly handedOut?: number;
  readonly activityDone?: number;
  readonly secondTask?: number;
  /** The workflow knows what its activity said, and the server what it did with it. */
  readonly known?: number;
  readonly closed: number;
}

export function milestonesOf(history: History): Milestones {
  const events = history.events ?? [];
  const at = (kind: Attributes, from = 0): number | undefined => {
    const found = events.slice(from).find((event) => event[kind] != null);
    return found && timeOf(found);
  };
  const done = events.findIndex((event) => event.activityTaskCompletedEventAttributes != null);
  const after = (kind: Attributes): number | undefined => (done < 0 ? undefined : at(kind, done));
  const last = events.at(-1);
  if (!last) throw new Error('a history has events');
  return withoutAbsent({
    started: at('workflowExecutionStartedEventAttributes') ?? 0,
    firstTask: at('workflowTaskStartedEventAttributes') ?? 0,
    firstDecision: at('workflowTaskCompletedEventAttributes') ?? 0,
    handedOut: at('activityTaskStartedEventAttributes'),
    activityDone: after('activityTaskCompletedEventAttributes'),
    secondTask: after('workflowTaskStartedEventAttributes'),
    known: after('workflowTaskCompletedEventAttributes'),
    closed: timeOf(last),
  });
}

/** How many events of each kind, by the names of Temporal's attributes: "workflowTaskStarted". */
export function eventKinds(history: History): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const event of history.events ?? []) {
    const kind = Object.keys(event).find((key) => key.endsWith('EventAttributes')) ?? 'unknown';
    const name = kind.replace('EventAttributes', '');
    counts[name] = (counts[name] ?? 0) + 1;
  }
  return counts;
}

function timeOf({ eventTime }: Event): number {
  return Number(eventTime?.seconds ?? 0) * 1_000 + (eventTime?.nanos ?? 0) / 1e6;
}

/** An optional field is absent where it has no value. */
function withoutAbsent<T extends object>(given: { [K in keyof T]: T[K] | undefined }): T {
  const present = Object.entries(given).filter(([, value]) => value !== undefined);
  return Object.fromEntries(present) as T; // only keys of T, and only with values
}
