import { type Kysely, sql } from 'kysely';
import { type ChildOrder, type Mode, purposeLine, toWire } from '../domain/index.js';
import { at, json } from './sql-values.js';
import type { Database } from './tables.js';

/** An order as it is about to be sent, with the exact bytes of its body. */
export interface OrderToRecord {
  readonly order: ChildOrder;
  readonly mode: Mode;
  readonly body: string;
  /** Known before the send where the venue derives it from the signed order (Polymarket). */
  readonly venueOrderId?: string;
}
export type Recorded = 'recorded' | 'exists';

/**
 * Writes orders down before any byte leaves (promise 1), all in one statement. 'exists': the name or
 * the purpose is taken, by an earlier try or by a tombstone; then nothing may be sent. Throws when
 * the mode is not the database's.
 */
export async function recordOrders(
  db: Kysely<Database>,
  orders: readonly OrderToRecord[],
): Promise<readonly Recorded[]> {
  const rows = orders.map(orderColumns);
  // In the order of names, so that two that write the same orders never wait for each other.
  const sorted = rows.toSorted((a, b) => (a.client_order_id < b.client_order_id ? -1 : 1));
  const recorded = await db
    .insertInto('orders')
    .values(sorted)
    .onConflict((conflict) => conflict.doNothing())
    .returning('client_order_id')
    .execute();
  const names = new Set(recorded.map((row) => row.client_order_id));
  return orders.map(({ order }) => (names.has(order.clientOrderId) ? 'recorded' : 'exists'));
}

/**
 * Makes sure that an order which left no record can never be sent: whoever still tries to record it
 * finds its name taken. 'exists': it was recorded after all and may have left.
 */
export async function forbidOrder(
  db: Kysely<Database>,
  order: {
    readonly clientOrderId: string;
    readonly workflowId: string;
    readonly mode: Mode;
    readonly atMs: number;
  },
): Promise<'forbidden' | 'exists'> {
  const { clientOrderId, workflowId, mode, atMs } = order;
  await db
    .insertInto('orders')
    .values({
      client_order_id: clientOrderId,
      workflow_id: workflowId,
      mode,
      is_forbidden: true,
      status: 'denied',
      recorded_at: at(atMs),
    })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
  const found = await db
    .selectFrom('orders')
    .select('is_forbidden')
    .where('client_order_id', '=', clientOrderId)
    .executeTakeFirstOrThrow();
  return found.is_forbidden ? 'forbidden' : 'exists';
}

function orderColumns({ order, mode, body, venueOrderId }: OrderToRecord) {
  const { purpose, instrument } = order;
  return {
    client_order_id: order.clientOrderId,
    workflow_id: order.workflowId,
    mode,
    is_forbidden: false,
    status: 'planned' as const,
    recorded_at: sql<Date>`clock_timestamp()`,
    purpose: purposeLine(purpose),
    attempt: purpose.kind === 'entry' ? 0 : purpose.attempt,
    account: order.account,
    venue: instrument.venue,
    market: instrument.market,
    outcome: instrument.outcome,
    side: order.side,
    child_order: json(toWire(order)),
    body,
    venue_order_id: venueOrderId ?? null,
  };
}
