import type { Kysely } from 'kysely';
import {
  allTrades,
  type BookedEntry,
  type Database,
  listEntries,
  listOrders,
  type OrderEvent,
  orderEvents,
  type StoredIntent,
  type StoredOrder,
  storyLines,
  type ToldShot,
  toldShots,
} from '../../store/index.js';
import { VERDICT_EVENT } from '../scanner/offer.js';

export interface OrderRows {
  readonly stored: StoredOrder;
  readonly events: readonly OrderEvent[];
}

export interface TradeRows {
  readonly intent: StoredIntent;
  /** Its entry orders, as far as they were recorded for sending. */
  readonly entries: readonly OrderRows[];
  readonly isFired: boolean;
  /** What an engine has told of it; absent: no engine has. */
  readonly shot?: ToldShot;
}

/** What Postgres holds of a session: all that a report is made of, beside the venues' ledgers. */
export interface SessionRows {
  readonly trades: readonly TradeRows[];
  readonly orders: readonly OrderRows[];
  readonly entries: readonly BookedEntry[];
  readonly verdictsMs: readonly number[];
  /** Of every engine, those that are no trade yet too. */
  readonly shots: readonly ToldShot[];
}

export async function readSessionRows(db: Kysely<Database>): Promise<SessionRows> {
  const [intents, stored, events, entries, verdicts, shots] = await Promise.all([
    allTrades(db),
    listOrders(db),
    orderEvents(db),
    listEntries(db),
    storyLines(db, VERDICT_EVENT),
    toldShots(db),
  ]);
  const eventsOf = grouped(events, ({ clientOrderId }) => clientOrderId);
  const orders = stored
    .map((order) => ({ stored: order, events: eventsOf.get(order.order.clientOrderId) ?? [] }))
    .toReversed();
  const ordersOf = grouped(orders, (order) => order.stored.order.workflowId);
  const shotOf = new Map(shots.map((shot) => [shot.workflowId, shot]));
  return {
    trades: intents.map((intent) => ({
      ...tradeRows(intent, ordersOf.get(intent.workflowId) ?? []),
      ...shotRow(shotOf.get(intent.workflowId)),
    })),
    orders,
    entries: entries.toReversed(),
    verdictsMs: verdicts.map(({ detail }) => tookMs(detail)).filter((ms) => ms !== undefined),
    shots,
  };
}

function tradeRows(intent: StoredIntent, orders: readonly OrderRows[]): TradeRows {
  const entries = orders.filter(({ stored }) => stored.order.purpose.kind === 'entry');
  return { intent, entries, isFired: entries.length > 0 };
}

const shotRow = (shot: ToldShot | undefined) => (shot ? { shot } : {});

function tookMs(detail: unknown): number | undefined {
  if (typeof detail !== 'object' || detail === null || !('tookMs' in detail)) return undefined;
  return typeof detail.tookMs === 'number' ? detail.tookMs : undefined;
}

function grouped<T>(
  items: readonly T[],
  keyOf: (item: T) => string,
): ReadonlyMap<string, readonly T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const group = groups.get(keyOf(item));
    if (group) group.push(item);
    else groups.set(keyOf(item), [item]);
  }
  return groups;
}
