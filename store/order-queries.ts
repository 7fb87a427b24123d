import { type Kysely, type Selectable, sql } from 'kysely';
import {
  assert,
  type ChildOrder,
  type ChildOrderStatus,
  fromWire,
  type Mode,
  type Quantity,
  quantity,
  type VenueName,
} from '../domain/index.js';
import type { Row } from './columns.js';
import { ms } from './sql-values.js';
import type { Database, tables } from './tables.js';

/** An order that was recorded: it may have left, whatever its status says. */
export interface StoredOrder {
  readonly order: ChildOrder;
  readonly mode: Mode;
  readonly body: string;
  readonly status: ChildOrderStatus;
  readonly venueOrderId?: string;
  /** The venue's own figure, once it gave one: an expectation, not fills. */
  readonly cumulativeQuantity?: Quantity;
  readonly recordedAtMs: number;
}

/** As the partial index of open orders has them. */
const openStatuses = [
  'planned',
  'submitted',
  'unknown',
  'working',
  'pendingCancel',
] as const satisfies readonly ChildOrderStatus[];

/** Those that were recorded, in no particular order. A tombstone is not an order. */
export async function findOrders(
  db: Kysely<Database>,
  clientOrderIds: readonly string[],
): Promise<readonly StoredOrder[]> {
  if (clientOrderIds.length === 0) return [];
  const rows = await db
    .selectFrom('orders')
    .selectAll()
    .where('client_order_id', 'in', clientOrderIds)
    .where('is_forbidden', '=', false)
    .execute();
  return rows.map(storedOrder);
}

/** Of these orders the ones that the venue took and refused, because nothing was there to trade with. */
export async function unmatchedAmong(
  db: Kysely<Database>,
  clientOrderIds: readonly string[],
): Promise<ReadonlySet<string>> {
  if (clientOrderIds.length === 0) return new Set();
  const rows = await db
    .selectFrom('order_events')
    .select('client_order_id')
    .where('client_order_id', 'in', clientOrderIds)
    .where('event', '=', 'rejected')
    .where(sql`detail ->> 'refusal'`, '=', 'no_match')
    .execute();
  return new Set(rows.map((row) => row.client_order_id));
}

/** The orders of one trade, in the order they were recorded. */
export async function ordersOf(
  db: Kysely<Database>,
  workflowId: string,
): Promise<readonly StoredOrder[]> {
  const rows = await db
    .selectFrom('orders')
    .selectAll()
    .where('workflow_id', '=', workflowId)
    .where('is_forbidden', '=', false)
    .orderBy('recorded_at')
    .orderBy('client_order_id')
    .execute();
  return rows.map(storedOrder);
}

/** Whether an order of this name was ever recorded, or forbidden to leave. */
export async function isNameTaken(db: Kysely<Database>, clientOrderId: string): Promise<boolean> {
  const taken = await db
    .selectFrom('orders')
    .select('client_order_id')
    .where('client_order_id', '=', clientOrderId)
    .executeTakeFirst();
  return taken !== undefined;
}

/** Names of orders of this workflow that were forbidden to leave: they are taken for ever. */
export async function tombstonesOf(
  db: Kysely<Database>,
  workflowId: string,
): Promise<ReadonlySet<string>> {
  const rows = await db
    .selectFrom('orders')
    .select('client_order_id')
    .where('workflow_id', '=', workflowId)
    .where('is_forbidden', '=', true)
    .execute();
  return new Set(rows.map((row) => row.client_order_id));
}

/** Whatever may still live on a venue, in doubt or not. */
export async function openOrders(
  db: Kysely<Database>,
  account: string,
): Promise<readonly StoredOrder[]> {
  const rows = await db
    .selectFrom('orders')
    .selectAll()
    .where('account', '=', account)
    .where('status', 'in', openStatuses)
    .orderBy('recorded_at')
    .execute();
  return rows.map(storedOrder);
}

export interface OrderFilter {
  readonly workflowId?: string;
  /** Only those that may still live on a venue. */
  readonly isOpen?: boolean;
  readonly limit?: number;
}

/** Newest first, of one trade or of all; all of them without a limit. */
export async function listOrders(
  db: Kysely<Database>,
  { workflowId, isOpen, limit }: OrderFilter = {},
): Promise<readonly StoredOrder[]> {
  const rows = await db
    .selectFrom('orders')
    .selectAll()
    .where('is_forbidden', '=', false)
    .$if(workflowId !== undefined, (query) => query.where('workflow_id', '=', workflowId ?? ''))
    .$if(isOpen === true, (query) => query.where('status', 'in', openStatuses))
    .orderBy('recorded_at', 'desc')
    .orderBy('client_order_id')
    .$if(limit !== undefined, (query) => query.limit(limit ?? 0))
    .execute();
  return rows.map(storedOrder);
}

export async function orderByVenueId(
  db: Kysely<Database>,
  {
    venue,
    account,
    venueOrderId,
  }: {
    readonly venue: VenueName;
    readonly account: string;
    readonly venueOrderId: string;
  },
): Promise<StoredOrder | undefined> {
  const row = await db
    .selectFrom('orders')
    .selectAll()
    .where('venue', '=', venue)
    .where('account', '=', account)
    .where('venue_order_id', '=', venueOrderId)
    .executeTakeFirst();
  return row && storedOrder(row);
}

type OrderRow = Selectable<Row<(typeof tables)['orders']>>;

function storedOrder(row: OrderRow): StoredOrder {
  assert(row.child_order !== null && row.body !== null, `${row.client_order_id} is an order`);
  return {
    order: fromWire<ChildOrder>(row.child_order),
    mode: row.mode,
    body: row.body,
    status: row.status,
    ...(row.venue_order_id !== null && { venueOrderId: row.venue_order_id }),
    ...(row.cumulative_quantity !== null && {
      cumulativeQuantity: quantity(row.cumulative_quantity),
    }),
    recordedAtMs: ms(row.recorded_at),
  };
}
