import { describeRow, isTradeRow, purposeLine } from '../domain/index.js';
import type {
  BookedEntry,
  OrderEvent,
  StoredIntent,
  StoredOrder,
  ToldLine,
} from '../store/index.js';

export interface StoryLine {
  readonly atMs: number;
  readonly event: string;
  readonly text: string;
}

export interface TradeBooks {
  readonly trade: StoredIntent;
  readonly orders: readonly StoredOrder[];
  readonly events: readonly OrderEvent[];
  readonly entries: readonly BookedEntry[];
  readonly told: readonly ToldLine[];
}

/** What happened to a trade, oldest first, put together from everything that Postgres holds of it. */
export function tradeStory({ trade, orders, events, entries, told }: TradeBooks): StoryLine[] {
  const purposes = new Map(
    orders.map(({ order }) => [order.clientOrderId, purposeLine(order.purpose)]),
  );
  return [
    ...admissionLines(trade),
    ...orders.map(({ order, recordedAtMs }) => ({
      ...{ atMs: recordedAtMs, event: 'recorded' },
      text: `${purposeLine(order.purpose)}: signed and written down, before it was sent`,
    })),
    ...events.map(({ clientOrderId, atMs, event, status }) => ({
      ...{ atMs, event },
      text: `${purposes.get(clientOrderId) ?? clientOrderId}: ${status}`,
    })),
    ...entries.flatMap(({ entry }) =>
      isTradeRow(entry) ? [{ atMs: entry.atMs, event: entry.kind, text: describeRow(entry) }] : [],
    ),
    ...told.map(({ atMs, event, text }) => ({ atMs, event, text })),
  ].toSorted((a, b) => a.atMs - b.atMs);
}

function admissionLines({ admission, receivedAtMs }: StoredIntent): readonly StoryLine[] {
  const asked = { atMs: receivedAtMs, event: 'asked', text: 'the intent came in' };
  if (!admission) return [asked];
  const text = admission.kind === 'denied' ? `denied: ${admission.denial.code}` : admission.kind;
  return [asked, { atMs: admission.atMs, event: 'admission', text }];
}
