import type { FindAnswer, OrderReference, Read, VenueOrder } from '../../domain/venue.js';
import type { TradeRow, VenueEntry } from '../../domain/venue-entry.js';
import type { AccountAccess } from './account-access.js';
import { venueOrderOf } from './order-rows.js';
import { unavailable } from './reads.js';
import { readSettlements } from './settlements.js';
import { rowsOfTrade, timesOf } from './trade-rows.js';
import { orderShape, tradeShape, type WireTrade } from './wire.js';

/** Our clock and the venue's may differ by this when a page is cut by time. */
const SKEW_MS = 60_000;

/**
 * An order by its hash. The venue gives no time up to which a miss is complete (DESIGN §9), and "not
 * found" is said only when no trade names the order either: one that does is an order that lives or
 * lived, whose own page will come back.
 */
export async function findOrder(
  access: AccountAccess,
  reference: OrderReference,
): Promise<FindAnswer> {
  const { reads, directory } = access;
  const { venueOrderId, clientOrderId } = reference;
  if (venueOrderId === undefined) return { kind: 'unavailable', code: 'no_hash' };
  const answer = await reads.one(`/data/order/${venueOrderId}`);
  if (answer.kind !== 'read') return answer;
  if (answer.value === null) return unlisted(access, reference, venueOrderId);
  const row = orderShape.safeParse(answer.value);
  if (!row.success) return { kind: 'unavailable', code: 'unreadable' };
  const market = await directory.find(row.data.market);
  const order = market && venueOrderOf(row.data, market);
  if (!order) return { kind: 'unavailable', code: 'market_unread' };
  return { kind: 'found', order: { ...order, clientOrderId } };
}

/** The order's own page is read before the trades: what arrives between the two shows in them. */
async function unlisted(
  access: AccountAccess,
  reference: OrderReference,
  venueOrderId: string,
): Promise<FindAnswer> {
  const trades = await tradesSince(access, reference);
  if (trades.kind !== 'read') return trades;
  const isTraded = trades.value.some((trade) => isNamedIn(trade, venueOrderId));
  if (isTraded) return { kind: 'unavailable', code: 'trade_of_unlisted_order' };
  return { kind: 'not_found' };
}

/** As taker or as maker, whatever became of the trade: one that FAILED was matched all the same. */
const isNamedIn = (trade: WireTrade, venueOrderId: string): boolean =>
  trade.taker_order_id === venueOrderId ||
  trade.maker_orders.some((maker) => maker.order_id === venueOrderId);

export async function openOrders({
  reads,
  directory,
}: AccountAccess): Promise<Read<readonly VenueOrder[]>> {
  const rows = await reads.rows('/data/orders', {}, orderShape);
  if (rows.kind !== 'read') return rows;
  const orders = await Promise.all(
    rows.value.map(async (row) => {
      const market = await directory.find(row.market);
      return market && venueOrderOf(row, market);
    }),
  );
  const readable = orders.filter((order) => order !== undefined);
  if (readable.length < orders.length) return unavailable('market_unread');
  return { kind: 'read', value: readable.filter((order) => order.state === 'working') };
}

export interface Since {
  /** Epoch milliseconds, the venue's clock. */
  readonly sinceMs: number;
  /** A trade may change its status this long after its match. */
  readonly settlementMsMax: number;
}

/** Trades whose match or last status is not older than `sinceMs`, and redemptions; oldest first. */
export async function entriesSince(
  access: AccountAccess,
  { sinceMs, settlementMsMax }: Since,
): Promise<Read<readonly VenueEntry[]>> {
  const wholeSecondMs = Math.floor(sinceMs / 1000) * 1000; // the venue's stamps are no finer
  const [trades, settlements] = await Promise.all([
    readTrades(access, { after: secondsOf(sinceMs - settlementMsMax) }),
    readSettlements(access, wholeSecondMs),
  ]);
  if (trades.kind !== 'read') return trades;
  if (settlements.kind !== 'read') return settlements;
  const recent = trades.value.filter((trade) => timesOf(trade).changedAtMs >= wholeSecondMs);
  const rows = await rowsOf(access, recent);
  if (rows.kind !== 'read') return rows;
  return { kind: 'read', value: oldestFirst([...rows.value, ...settlements.value]) };
}

/** The trade rows of one order, from its market's pages. */
export async function entriesOf(
  access: AccountAccess,
  reference: OrderReference,
): Promise<Read<readonly VenueEntry[]>> {
  const { venueOrderId } = reference;
  if (venueOrderId === undefined) return unavailable('no_hash');
  const trades = await tradesSince(access, reference);
  if (trades.kind !== 'read') return trades;
  const rows = await rowsOf(access, trades.value);
  if (rows.kind !== 'read') return rows;
  return { kind: 'read', value: rows.value.filter((row) => row.venueOrderId === venueOrderId) };
}

/** The trades of the order's market that are not older than the order. */
const tradesSince = (access: AccountAccess, { instrument, createdAtMs }: OrderReference) =>
  readTrades(access, { market: instrument.market, after: secondsOf(createdAtMs - SKEW_MS) });

async function readTrades(
  { reads, owner }: AccountAccess,
  query: Readonly<Record<string, string>>,
): Promise<Read<WireTrade[]>> {
  const trades = await reads.rows(
    '/data/trades',
    { maker_address: owner.address, ...query },
    tradeShape,
  );
  if (trades.kind !== 'read') return trades;
  // A page may shift while it is read; a trade counts once.
  return { kind: 'read', value: [...new Map(trades.value.map((row) => [row.id, row])).values()] };
}

async function rowsOf(
  { directory, owner }: AccountAccess,
  trades: readonly WireTrade[],
): Promise<Read<TradeRow[]>> {
  const rows: TradeRow[] = [];
  for (const trade of trades) {
    const market = await directory.find(trade.market);
    if (!market) return unavailable('market_unread');
    rows.push(...rowsOfTrade(trade, market, owner));
  }
  return { kind: 'read', value: oldestFirst(rows) };
}

function oldestFirst<Entry extends VenueEntry>(entries: readonly Entry[]): Entry[] {
  return [...entries].sort((left, right) => left.atMs - right.atMs);
}

const secondsOf = (ms: number): string => Math.max(0, Math.floor(ms / 1000)).toString();
