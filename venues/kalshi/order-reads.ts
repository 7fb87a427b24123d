import type { Outcome } from '../../domain/instrument.js';
import type { FindAnswer, OrderReference, Read, VenueOrder } from '../../domain/venue.js';
import { fromBookSide, outcomeBought } from './book-side.js';
import type { KalshiReader, Listing } from './pages.js';
import type { FillRow, OrderRow } from './wire.js';
import { fillPage, oneOrder, orderPage, userDataTimestamp } from './wire.js';

/** How far our clock may run ahead of the venue's: pages are read from this much earlier. */
const CLOCK_MARGIN_MS = 300_000;

/**
 * Looks for one of our orders. "Not found" is said only when the live and historical listings of
 * orders and of fills agree.
 * 1. The stamp up to which the venue's reads are complete is taken first: pages are never older.
 * 2. By the venue's id where we have it; else every page since the order was made, because the venue
 *    has no filter for our own id. Orders that have left the live listing are in the historical one.
 * 3. A fill of an order that no page lists belongs to an older order, or the listing lags: each such
 *    order is asked for by its id, and one that is not there leaves the question open.
 */
export async function findOrder(
  reader: KalshiReader,
  reference: OrderReference,
): Promise<FindAnswer> {
  const stamp = await reader.one(userDataTimestamp, '/exchange/user_data_timestamp');
  if (stamp.kind === 'unavailable') return stamp;
  const { venueOrderId, instrument } = reference;
  if (venueOrderId !== undefined) {
    const direct = await reader.one(oneOrder, `/portfolio/orders/${venueOrderId}`);
    if (direct.kind === 'read') return found(direct.value.order, instrument.outcome);
    if (direct.code !== 'not_found') return direct;
  }
  const listed = await ordersSince(reader, reference);
  if (listed.kind === 'unavailable') return listed;
  const row = listed.value.find((order) => isOf(order, reference));
  if (row) return found(row, instrument.outcome);
  const traded = await tradedUnlisted(reader, reference, listed.value);
  if (traded.kind === 'unavailable') return traded;
  const late = traded.value.find((order) => isOf(order, reference));
  if (late) return found(late, instrument.outcome);
  return { kind: 'not_found', readAsOfMs: stamp.value.as_of_time };
}

export async function openOrders(reader: KalshiReader): Promise<Read<readonly VenueOrder[]>> {
  const rows = await reader.all(ordersOf('/portfolio/orders', { status: 'resting' }));
  if (rows.kind === 'unavailable') return rows;
  return { kind: 'read', value: rows.value.map((row) => venueOrder(row)) };
}

/**
 * Without `outcome` an order is read as the purchase that it equals (the venue's `outcome_side`):
 * whoever knows the order by its `clientOrderId` knows which form was meant.
 */
export function venueOrder(row: ShownOrder, outcome?: Outcome): VenueOrder {
  const named = outcome ?? outcomeBought(row.book_side);
  const { side, price } = fromBookSide(row.book_side, row.yes_price_dollars, named);
  return {
    venueOrderId: row.order_id,
    ...(row.client_order_id !== undefined && { clientOrderId: row.client_order_id }),
    instrument: { venue: 'kalshi', market: row.ticker, outcome: named },
    side,
    limitPrice: price,
    ...(row.initial_count_fp !== undefined && { quantity: row.initial_count_fp }),
    state: orderState(row),
    cumulativeQuantity: row.fill_count_fp,
    createdAtMs: row.created_time,
  };
}

/** A row of a listing, or a message of the stream, which need not say what was asked for. */
type ShownOrder = Omit<OrderRow, 'initial_count_fp'> & {
  readonly initial_count_fp?: OrderRow['initial_count_fp'] | undefined;
};

/**
 * An order that ended with less than its count filled has been canceled, whatever it is called.
 * Without a count the word for it is all there is.
 */
function orderState(row: ShownOrder): VenueOrder['state'] {
  if (row.status === 'resting') return 'working';
  if (row.initial_count_fp === undefined) return row.status === 'executed' ? 'filled' : 'canceled';
  return row.fill_count_fp < row.initial_count_fp ? 'canceled' : 'filled';
}

async function ordersSince(
  reader: KalshiReader,
  reference: OrderReference,
): Promise<Read<readonly OrderRow[]>> {
  const live = await reader.all(ordersOf('/portfolio/orders', since(reference)));
  if (live.kind === 'unavailable') return live;
  if (live.value.some((row) => isOf(row, reference))) return live;
  const { market } = reference.instrument;
  const old = await reader.all(ordersOf('/historical/orders', { ticker: market }));
  return old.kind === 'unavailable' ? old : { kind: 'read', value: [...live.value, ...old.value] };
}

const found = (row: OrderRow, outcome: Outcome): FindAnswer => ({
  kind: 'found',
  order: venueOrder(row, outcome),
});

const isOf = (row: OrderRow, { clientOrderId, venueOrderId }: OrderReference): boolean =>
  row.client_order_id === clientOrderId || row.order_id === venueOrderId;

/** The orders that have traded since, and are on none of the pages. */
async function tradedUnlisted(
  reader: KalshiReader,
  reference: OrderReference,
  listed: readonly OrderRow[],
): Promise<Read<readonly OrderRow[]>> {
  const fills = await fillsSince(reader, reference);
  if (fills.kind === 'unavailable') return fills;
  const known = new Set(listed.map(({ order_id }) => order_id));
  const unlisted = new Set(unknownOrders(fills.value, known));
  const orders: OrderRow[] = [];
  for (const orderId of unlisted) {
    const answer = await reader.one(oneOrder, `/portfolio/orders/${orderId}`);
    if (answer.kind === 'unavailable') {
      return { kind: 'unavailable', code: 'FILL_OF_UNLISTED_ORDER' };
    }
    orders.push(answer.value.order);
  }
  return { kind: 'read', value: orders };
}

/** Live before historical: a row that moves between the two reads is in the second. */
async function fillsSince(
  reader: KalshiReader,
  reference: OrderReference,
): Promise<Read<readonly FillRow[]>> {
  const live = await reader.all(fillsOf('/portfolio/fills', since(reference)));
  if (live.kind === 'unavailable') return live;
  const { market } = reference.instrument;
  const old = await reader.all(fillsOf('/historical/fills', { ticker: market }));
  if (old.kind === 'unavailable') return old;
  const recent = old.value.filter(({ created_time }) => created_time >= earliestMs(reference));
  return { kind: 'read', value: [...live.value, ...recent] };
}

function unknownOrders(fills: readonly FillRow[], known: ReadonlySet<string>): readonly string[] {
  return fills.map(({ order_id }) => order_id).filter((orderId) => !known.has(orderId));
}

function since(reference: OrderReference) {
  return { ticker: reference.instrument.market, min_ts: seconds(earliestMs(reference)) };
}

const earliestMs = ({ createdAtMs }: OrderReference): number => createdAtMs - CLOCK_MARGIN_MS;

/** The venue's filters count whole seconds. */
export const seconds = (ms: number): number => Math.max(0, Math.floor(ms / 1000));

function ordersOf(path: string, query: Listing<OrderRow>['query']): Listing<OrderRow> {
  const read = (body: unknown) => {
    const page = orderPage.safeParse(body);
    return page.success ? { rows: page.data.orders, cursor: page.data.cursor } : undefined;
  };
  return { path, query, read, key: ({ order_id }) => order_id };
}

export function fillsOf(path: string, query: Listing<FillRow>['query']): Listing<FillRow> {
  const read = (body: unknown) => {
    const page = fillPage.safeParse(body);
    return page.success ? { rows: page.data.fills, cursor: page.data.cursor } : undefined;
  };
  return { path, query, read, key: ({ trade_id }) => trade_id };
}
