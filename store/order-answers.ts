import type { Kysely } from 'kysely';
import {
  assert,
  type ChildOrderStatus,
  formatAmount,
  greatest,
  isTerminal,
  type Quantity,
  quantity,
  toWire,
} from '../domain/index.js';
import { attachEntries, type BookedEntry, lockEntriesOfOrder } from './entry-orders.js';
import { at, json, ms } from './sql-values.js';
import type { Database } from './tables.js';
import { together } from './together.js';
import type { Transaction } from './transaction.js';

export interface OrderAnswer {
  readonly clientOrderId: string;
  /** What happened, as the story of the order keeps it. */
  readonly event: string;
  readonly status?: ChildOrderStatus;
  readonly venueOrderId?: string;
  readonly cumulativeQuantity?: Quantity;
  readonly detail: unknown;
  readonly atMs: number;
}

/**
 * Appends what was heard about an order and brings its row up to date. A terminal status gives way to
 * `filled` only, so that a late writer cannot bring back a doubt that evidence has ended; `absent` is
 * watched for ever and gives way to anything. Returns the venue entries that were waiting for this
 * order's venue id.
 */
export async function recordAnswer(
  db: Kysely<Database>,
  answer: OrderAnswer,
): Promise<readonly BookedEntry[]> {
  const { clientOrderId, event, venueOrderId, cumulativeQuantity, detail, atMs } = answer;
  return db.transaction().execute(async (tx) => {
    const before = await rowToAnswer(tx, clientOrderId, venueOrderId);
    const status = statusAfter(before.status, answer.status);
    const cumulative = largest(before.cumulative_quantity, cumulativeQuantity);
    const isNews = venueOrderId !== undefined && before.venue_order_id === null;
    const [, , attached] = await together(tx, (go) =>
      Promise.all([
        go
          .updateTable('orders')
          .set({
            status,
            ...(cumulative !== undefined && { cumulative_quantity: formatAmount(cumulative) }),
            ...(venueOrderId !== undefined && { venue_order_id: venueOrderId }),
          })
          .where('client_order_id', '=', clientOrderId)
          .execute(),
        go
          .insertInto('order_events')
          .values({
            ...{ client_order_id: clientOrderId, at: at(atMs), event, status },
            detail: json(toWire(detail)),
          })
          .execute(),
        isNews ? attachEntries(go, clientOrderId) : [],
      ]),
    );
    return attached;
  });
}

/**
 * When a venue was asked for this order and did not have it, oldest first (epoch milliseconds): of
 * rounds that go on beside each other the later one may be answered first.
 */
export async function missesOf(
  db: Kysely<Database>,
  clientOrderId: string,
): Promise<readonly number[]> {
  const rows = await db
    .selectFrom('order_events')
    .select('at')
    .where('client_order_id', '=', clientOrderId)
    .where('event', '=', 'missed')
    .orderBy('at')
    .execute();
  return rows.map((row) => ms(row.at));
}

/** Its row, locked; and its venue's id before that, so that no entry of it is booked meanwhile. */
async function rowToAnswer(tx: Transaction, clientOrderId: string, venueOrderId?: string) {
  const [, row] = await together(tx, (go) =>
    Promise.all([
      venueOrderId !== undefined && lockEntriesOfOrder(go, { clientOrderId, source: venueOrderId }),
      go
        .selectFrom('orders')
        .select(['status', 'is_forbidden', 'cumulative_quantity', 'venue_order_id'])
        .where('client_order_id', '=', clientOrderId)
        .forNoKeyUpdate()
        .executeTakeFirst(),
    ]),
  );
  assert(row?.is_forbidden === false, `order ${clientOrderId} was recorded before its answer`);
  return row;
}

function statusAfter(before: ChildOrderStatus, told?: ChildOrderStatus): ChildOrderStatus {
  if (told === undefined) return before;
  const isSettled = isTerminal(before) && before !== 'absent';
  return isSettled && told !== 'filled' ? before : told;
}

/** A venue's cumulative quantity never shrinks; an older answer may come later. */
function largest(before: string | null, told?: Quantity): Quantity | undefined {
  if (before === null) return told;
  return told === undefined ? quantity(before) : greatest(quantity(before), told);
}
