import type { Closing } from './closing.js';

interface Payloads {
  readonly payloads?: readonly { readonly data: string }[];
}

interface Event {
  readonly eventId: string;
  readonly eventType: string;
  readonly workflowExecutionStartedEventAttributes?: {
    readonly workflowId: string;
    readonly workflowType: { readonly name: string };
    readonly input?: Payloads;
  };
  readonly workflowExecutionCompletedEventAttributes?: { readonly result?: Payloads };
  readonly workflowExecutionSignaledEventAttributes?: {
    readonly signalName: string;
    readonly input?: Payloads;
  };
  readonly activityTaskScheduledEventAttributes?: {
    readonly activityType: { readonly name: string };
  };
  readonly activityTaskCompletedEventAttributes?: { readonly scheduledEventId: string };
  readonly activityTaskFailedEventAttributes?: { readonly scheduledEventId: string };
  readonly activityTaskTimedOutEventAttributes?: { readonly scheduledEventId: string };
  readonly activityTaskCancelRequestedEventAttributes?: { readonly scheduledEventId: string };
}

/** As much of Temporal's JSON as is read here. */
export interface HistoryText {
  readonly events: readonly Event[];
}

/**
 * What a history says of its own end: an arbitrage its result, or the activity that is out; a custody
 * the first case that it was told of. `undefined` where it only waits: for what, its state knows.
 */
export function endToldBy(
  history: HistoryText,
  workflowType: string,
  closing: Closing,
): string | undefined {
  if (workflowType === 'custody') return firstCaseOf(history);
  if (closing === 'open') return activityOut(history);
  if (closing === 'CANCELED') return 'canceled';
  if (closing === 'CONTINUED_AS_NEW') return 'continued';
  const { result } = history.events.at(-1)?.workflowExecutionCompletedEventAttributes ?? {};
  return (firstPayload(result) as { readonly kind?: string } | undefined)?.kind; // a TradeResult
}

function firstCaseOf({ events }: HistoryText): string | undefined {
  // A custody that goes on in a new run brings its cases along.
  const [, carried] = events[0]?.workflowExecutionStartedEventAttributes?.input?.payloads ?? [];
  if (carried) return (decoded(carried.data) as Carried).state.items[0]?.case.kind; // custody's own
  for (const { workflowExecutionSignaledEventAttributes: signal } of events) {
    if (signal?.signalName === 'adoptTrade') return 'trade';
    if (signal?.signalName !== 'cases') continue;
    return (firstPayload(signal.input) as Told | undefined)?.cases[0]?.kind; // by its name
  }
  return undefined;
}

interface Told {
  readonly cases: readonly { readonly kind: string }[];
}
interface Carried {
  readonly state: { readonly items: readonly { readonly case: { readonly kind: string } }[] };
}

function activityOut({ events }: HistoryText): string | undefined {
  const over = new Set(
    events.map(
      (event) =>
        (
          event.activityTaskCompletedEventAttributes ??
          event.activityTaskFailedEventAttributes ??
          event.activityTaskTimedOutEventAttributes ??
          // Nobody waits for it any more.
          event.activityTaskCancelRequestedEventAttributes
        )?.scheduledEventId,
    ),
  );
  const out = events.find(
    (event) => event.activityTaskScheduledEventAttributes && !over.has(event.eventId),
  );
  return out?.activityTaskScheduledEventAttributes?.activityType.name;
}

function firstPayload(payloads: Payloads | undefined): unknown {
  const [first] = payloads?.payloads ?? [];
  return first && decoded(first.data);
}

/** Payloads are base64 of JSON in a history of ours. */
const decoded = (data: string): unknown => JSON.parse(Buffer.from(data, 'base64').toString());
